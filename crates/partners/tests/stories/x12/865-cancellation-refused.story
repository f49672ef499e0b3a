# Too late: refused as a whole, by line, and because it is already shipped.
set 865
BCA*00*RJ*1001-1***20261123
set 865
BCA*00*RD*1002-1***20261123
POC*1*DI*10*0*EA*12.50**VP*V-MUG
ACK*IR*10*EA
POC*2*DI*4*0*EA*12.50**VP*V-CUP
ACK*ID*4*EA
CTT*2
set 865
BCA*00*AC*1003-1***20261123
POC*1*DI*10*0*EA*12.50**VP*V-MUG
ACK*AC*10*EA
CTT*1

---
not cancelled: 1001-1
cancelled: 1002-1 lines 2
not cancelled: 1002-1 lines 1
not cancelled: 1003-1 lines 1
owed: 997 for group 1, 2, 3: accepted
