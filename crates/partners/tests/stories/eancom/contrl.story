# Receipts: accepted, and rejected with the place.
set CONTRL:D:3:UN:EAN002
UCI+12+4012345000009:14+4098765000002:14+7
set CONTRL:D:3:UN:EAN002
UCI+13+4012345000009:14+4098765000002:14+7
UCM+1+ORDERS:D:96A:UN:EAN008+4+18
UCS+5+13
UCD+12+2:1

---
receipt for 12: accepted
receipt for 13: rejected (message 1: an error that is not specified; segment 5: something is missing; element 2: a value is not valid)
warning edi_rejected at line 7 UCI01: The partner's machine rejected our interchange 13: message 1: an error that is not specified; segment 5: something is missing; element 2: a value is not valid.
