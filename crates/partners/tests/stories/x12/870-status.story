# A status decides only where it ends something.
set 870
BSR*3*PA*REF1*20261123
HL*1**O
PRF*1001-1
PO1*1*8*EA*12.50**VP*V-MUG
ISR*DS
PO1*2*5*EA*12.50**VP*V-CUP
ISR*BO*20261210
QTY*39*5
PO1*3*5*EA*12.50**VP*V-VASE
ISR*IN
HL*2**O
PRF*1002-1
ISR*IC
CTT*2

---
cancelled: 1001-1 lines 1, unasked, ack_rejected_out_of_stock
acknowledgment of 1001-1 (line 10)
  line 2: backordered 5 EA, ships 2026-12-10, ack_backordered
cancelled: 1002-1, unasked, cancel_vendor
owed: 997 for group 1: accepted
kept unused: ISR x1 in 870 0001: ISR*IN
