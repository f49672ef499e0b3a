# Changes only; a stock below zero is none; fractions are refused; a quantity with a date to come is announced.
set 846
BIA*04*SI*INV1*20261123
LIN**SK*MUG
QTY*33*-3*EA
LIN**SK*CUP
QTY*33*1.5*EA
LIN**SK*VASE
QTY*33*25*EA
DTM*018*20261201
CTT*3

---
advice by X12, changes, as of 2026-11-23T15:30:00Z
  sku MUG: 0 EA
  sku VASE: 0 EA, 25 on 2026-12-01
owed: 997 for group 1: accepted
error quantity_invalid at line 8 QTY02: The quantity "1.5" is no whole number of packs.
note quantity_dated at line 10 QTY: The quantity is available from a later day only; it is read as an announced receipt.
to quarantine
