# A full feed: available 33 against the traps 17 and QO, per warehouse, a receipt to come, a discontinued item.
set 846
BIA*00*SI*INV1*20261123*0600
N1*SU*ACME*92*ACME
LIN*1*VN*V-MUG*UP*076123400003
PID*F****Mug, blue
QTY*33*25*EA
QTY*17*30*EA
QTY*29*40*EA
DTM*018*20261201
LIN*2*VN*V-CUP
QTY*QO*99*EA
LIN*3*VN*V-VASE
QTY*17*12*EA
QTY*27*5*EA
LIN*4*VN*V-BOWL
REF*ZZ*discontinued
QTY*33*0*CS
LIN*5*VN*V-JAR
QTY*33*7*EA
LS*W
REF*WS*EAST
LE*W
QTY*33*5*EA
LS*W
REF*WS*WEST
LE*W
LIN*6*VN*V-POT
QTY*33*100*EA
SCH*50*EA***002*20261202
LIN*7*ZZ*NOTHING
QTY*33*1*EA
CTT*7

---
advice by X12, full feed, as of 2026-11-23T12:00:00Z
  vendor sku V-MUG, gtin 076123400003: 25 EA, 40 on 2026-12-01
  vendor sku V-VASE: 7 EA
  vendor sku V-BOWL: 0 CA, discontinued
  vendor sku V-JAR: 12 EA
  vendor sku V-POT: 100 EA, 50 on 2026-12-02
owed: 997 for group 1: accepted
error quantity_not_available at line 13 QTY01: QO is an operating quantity: neither what is available nor what is on order; the line was left out.
warning quantity_on_hand at line 15 QTY01: Only stock on hand is stated, not what is available; it is used, less what the line calls committed, damaged, unusable or on hold.
error catalog_unknown_sku at line 32 LIN: The line names no item in a way that is known here; it was left out.
kept unused: N1 x1 in 846 0001: N1*SU*ACME*92*ACME
kept unused: PID x1 in 846 0001: PID*F****Mug, blue
kept unused: LIN ZZ x1 in 846 0001: NOTHING
to quarantine
