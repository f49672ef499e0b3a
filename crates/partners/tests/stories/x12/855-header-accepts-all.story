# AT without any line accepts the purchase order as it stands.
ordered 1: 8 EA of MUG (V-MUG), ship by 2026-11-25, deliver by 2026-11-28
ordered 2: 5 CA of CUP (V-CUP), ship by 2026-11-25, deliver by 2026-11-28
set 855
BAK*00*AT*1001-1*20261123****V-9

---
acknowledgment of 1001-1 (line 4), vendor order V-9
  line 1: accepted 8
  line 2: accepted 5
owed: 997 for group 1: accepted
