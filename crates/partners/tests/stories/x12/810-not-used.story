# An invoice is kept, not used.
set 810
BIG*20261123*INV1**1001-1
IT1*1*8*EA*12.50**VP*V-MUG
TDS*10000
CTT*1

---
owed: 997 for group 1: accepted
note document_not_used at line 3 ST: Documents of kind 810 are not used here; it is kept as it came.
