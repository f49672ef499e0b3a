# A table that is none of ours.
name weather.csv
file
date,rain
2026-11-23,yes

---
fatal table_unknown at line 1: The first row names no columns that are known here.
to quarantine
