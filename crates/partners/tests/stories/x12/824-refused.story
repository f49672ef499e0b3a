# The partner's application refuses a purchase order; with the group's number the paper is found.
set 824
BGN*00*1*20261123
OTI*TR*PO*1001-1*****12*0001*850
TED*ZZZ*ITEM NOT SET UP
set 824
BGN*00*2*20261123
OTI*TA*PO*1002-1

---
receipt for 12: rejected (refused by the partner's application: PO 1001-1)
owed: 997 for group 1, 2: accepted
warning edi_rejected at line 5 OTI03: The partner's application refuses our paper (PO 1001-1).
warning edi_rejected at line 6 TED: The partner says about 1001-1: ZZZ ITEM NOT SET UP.
