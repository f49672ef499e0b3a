//! Decides. Pure: no clock, no chance, no network, no file.
