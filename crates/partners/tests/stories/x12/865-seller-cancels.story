# The seller deletes a line that nobody asked him to delete, and lowers another.
set 865
BCA*04**1001-1***20261123
POC*1*DI*10*0*EA*12.50**VP*V-MUG
CTT*1
set 865
BCA*04*AC*1002-1***20261123
POC*2*QD*4**EA*12.50**VP*V-CUP
ACK*IQ*3*EA*068*20261130
CTT*1

---
cancelled: 1001-1 lines 1, unasked, cancel_vendor
acknowledgment of 1002-1 (line 11)
  line 2: accepted 3 EA, ships 2026-11-30
  line 2: rejected 1, ack_partial_quantity
owed: 997 for group 1, 2: accepted
