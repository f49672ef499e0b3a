# A full feed in several sets is one: each alone would make the items of the others unavailable.
set 846
BIA*00*SI*INV1*20261123*0600
LIN**VN*V-MUG
QTY*33*3*EA
CTT*1
set 846
BIA*00*SI*INV1*20261123*0601
LIN**VN*V-CUP
QTY*33*4*EA
CTT*1

---
advice by X12, full feed, as of 2026-11-23T12:00:00Z
  vendor sku V-MUG: 3 EA
  vendor sku V-CUP: 4 EA
owed: 997 for group 1, 2: accepted
