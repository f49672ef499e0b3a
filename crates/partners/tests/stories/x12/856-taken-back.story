# A ship notice that takes another back is for a person.
set 856
BSN*01*S-88*20261124*1600*0004
HL*1**S
HL*2*1*O
PRF*1001-1
HL*3*2*I
LIN*1*VN*V-MUG
SN1*1*2*EA
CTT*3

---
owed: 997 for group 1: accepted
error shipment_taken_back at line 4 BSN01: The partner takes back a ship notice (BSN01 is 01); nothing was changed.
to quarantine
