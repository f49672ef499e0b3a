//! The grammar of X12 and EDIFACT. Pure, and useful alone.
