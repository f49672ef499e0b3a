# The answer to our 860: the line is deleted, in either of two usual ways.
set 865
BCA*00*AC*1001-1***20261123
POC*1*DI*10*0*EA*12.50**VP*V-MUG
ACK*IA*10*EA
CTT*1
set 865
BCA*00*RD*1002-1***20261123
POC*2*DI*10**EA*12.50**VP*V-CUP
ACK*IR*0*EA
REF*ZZ**Line deleted at the buyer's request
CTT*1
set 865
BCA*00*AT*1003-1***20261123

---
cancelled: 1001-1 lines 1
cancelled: 1002-1 lines 2
cancelled: 1003-1
owed: 997 for group 1, 2, 3: accepted
warning segment.out-of-order at line 15 REF: REF (Reference): This segment comes too late: segments that follow it in the standard stand before it. Expected it before ACK.
kept unused: REF x1 in 865 0002: REF*ZZ**Line deleted at the buyer's request
