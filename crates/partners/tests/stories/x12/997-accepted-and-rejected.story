# Receipts: accepted, accepted with errors, rejected with the place, and one for a receipt.
set 997
AK1*PO*000000012
AK2*850*0001
AK5*A
AK9*A*1*1*1
set 997
AK1*PO*13
AK9*E*1*1*1
set 997
AK1*PC*14
AK2*860*0001
AK3*POC*5**8
AK4*2*670*7*XX
AK5*R*5
AK9*R*1*1*0
set 997
AK1*FA*15
AK9*A*1*1*1

---
receipt for 12: accepted
receipt for 13: accepted
receipt for 14: rejected (segment POC (number 5): its elements have errors; element 2 has a code that is not allowed ("XX"); set: segments have errors)
warning edi_rejected at line 18 AK102: The partner's machine rejected our group 14: segment POC (number 5): its elements have errors; element 2 has a code that is not allowed ("XX"); set: segments have errors.
