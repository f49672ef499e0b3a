# The partner numbers lines his own way; the items tell which are meant.
ordered 10: 8 EA of MUG (V-MUG), ship by 2026-11-25, deliver by 2026-11-28
ordered 20: 5 EA of CUP (V-CUP 04006381333931), ship by 2026-11-25, deliver by 2026-11-28
set 855
BAK*00*AC*1001-1*20261123
PO1*001*5*EA*12.50**UP*4006381333931
ACK*IA*5*EA
PO1**8*BX*12.50**VN*V-MUG
ACK*DR*8*BX*068*20261201
CTT*2

---
acknowledgment of 1001-1 (line 4)
  line 20: accepted 5 EA
  line 10: accepted 8 BX, ships 2026-12-01, ack_date_changed
owed: 997 for group 1: accepted
warning catalog_unit_mismatch at line 8 ACK: Line 10 was ordered in EA, the paper counts in BX.
