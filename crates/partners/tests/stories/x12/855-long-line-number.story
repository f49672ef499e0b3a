# A line id too long for X12 went out shortened; the answer by the short number finds the line, whatever its case.
ordered gid-shop-LineItem-14889257-1: 10 EA of MUG (V-MUG), ship by 2026-11-25, deliver by 2026-11-28
ordered gid-shop-LineItem-14889257-2: 5 EA of CUP (V-CUP), ship by 2026-11-25, deliver by 2026-11-28
set 855
BAK*00*AC*1001-1*20261123
PO1*GIDSHOPLINE-3C60F6CE*5*EA*12.50
ACK*IA*5*EA
CTT*1

---
acknowledgment of 1001-1 (line 4)
  line gid-shop-LineItem-14889257-2: accepted 5 EA
owed: 997 for group 1: accepted
