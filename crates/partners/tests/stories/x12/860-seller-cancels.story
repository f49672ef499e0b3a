# Some suppliers cancel by 860: the whole order, a line, a part of a line.
ordered 1: 8 EA of MUG (V-MUG), ship by 2026-11-25, deliver by 2026-11-28
set 860
BCH*01*DS*1001-1***20261123
REF*ZZ*OOS*out of stock
set 860
BCH*04*DS*1002-1***20261123
POC*1*DI*8*0*EA*12.50**VP*V-MUG
CTT*1
set 860
BCH*04*DS*1003-1***20261123
POC*1*QD*6*6*EA*12.50**VP*V-MUG
POC*2*RS*6*6*EA*12.50**VP*V-CUP
CTT*2

---
cancelled: 1001-1, unasked, ack_rejected_out_of_stock
cancelled: 1002-1 lines 1, unasked, cancel_vendor
acknowledgment of 1003-1 (line 17)
  line 1: accepted 6 EA, ack_partial_quantity
  line 1: rejected 2, ack_partial_quantity
owed: 997 for group 1, 2, 3: accepted
error change_not_supported at line 19 POC02: The source asks for a change of kind RS, which nothing here can follow by itself.
to quarantine
