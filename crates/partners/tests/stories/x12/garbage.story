# No EDI at all.
file
PK this is a spreadsheet

---
note interchange.junk at line 1: There are bytes outside any interchange; they were skipped. Received "PK this is a spreadsheet�".
error input.empty at line 1: No interchange begins anywhere in the input.
to quarantine
