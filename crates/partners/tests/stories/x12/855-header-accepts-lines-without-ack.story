# AD with lines but no ACK accepts each line in full.
set 855
BAK*00*AD*1001-1*20261123
PO1*1*8*EA*12.50**VP*V-MUG
DTM*068*20261124
PO1*2*5*CS*12.50**VP*V-CUP
CTT*2

---
acknowledgment of 1001-1 (line 4)
  line 1: accepted 8 EA, ships 2026-11-24
  line 2: accepted 5 CA
owed: 997 for group 1: accepted
