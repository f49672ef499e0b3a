# The partner accepts more than he was asked for: passed on as it stands, the engine judges.
ordered 1: 8 EA of MUG (V-MUG), ship by 2026-11-25, deliver by 2026-11-28
set 855
BAK*00*AC*1001-1*20261123
PO1*1*8*EA*12.50**VP*V-MUG
ACK*IA*12*EA
CTT*1

---
acknowledgment of 1001-1 (line 4)
  line 1: accepted 12 EA
owed: 997 for group 1: accepted
