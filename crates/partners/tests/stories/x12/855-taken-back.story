# A source that takes its answer back cancels: the lines it names, or everything.
set 855
BAK*01*AC*1001-1*20261123
PO1*2*5*EA*12.50**VP*V-CUP
CTT*1
set 855
BAK*01*RJ*1002-1*20261123

---
cancelled: 1001-1 lines 2, unasked, cancel_vendor
cancelled: 1002-1, unasked, cancel_vendor
owed: 997 for group 1, 2: accepted
