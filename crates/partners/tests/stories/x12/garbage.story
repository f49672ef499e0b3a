# No EDI at all.
file
PK this is a spreadsheet

---
error input.empty at line 1: No interchange begins anywhere in the input. Received "PK this is a spreadsheet�".
to quarantine
