# One set per warehouse: the same item is added up; named twice without a warehouse, the later figure counts.
set 846
BIA*00*SI*INV1*20261123*0600
N1*WH*East*92*E
LIN**VN*V-MUG
QTY*33*3*EA
CTT*1
set 846
BIA*00*SI*INV1*20261123*0600
N1*WH*West*92*W
LIN**VN*V-MUG
QTY*33*4*EA
LIN**VN*V-CUP
QTY*33*4*EA
LIN**VN*V-CUP
QTY*33*6*EA
CTT*3

---
advice by X12, full feed, as of 2026-11-23T12:00:00Z
  vendor sku V-MUG: 7 EA
  vendor sku V-CUP: 6 EA
owed: 997 for group 1, 2: accepted
warning element.too-short at line 5 N104: N104 (Identification code): The value is too short. Received "E". Expected 2 to 80 characters.
warning element.too-short at line 14 N104: N104 (Identification code): The value is too short. Received "W". Expected 2 to 80 characters.
warning feed_item_twice at line 19 LIN: The item stands in this feed twice with different figures; the later one is used.
