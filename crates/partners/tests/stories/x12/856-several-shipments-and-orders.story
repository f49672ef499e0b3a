# Two shipments in one notice, the first with two orders; tracking in REF.
set 856
BSN*00*S-90*20261123*0900*0004
HL*1**S
REF*CN*PRO-1
HL*2*1*O
PRF*1001-1
HL*3*2*I
LIN*1*VN*V-MUG
SN1*1*8*EA
HL*4*1*O
PRF*1002-1
REF*2I*1Z777
HL*5*4*I
LIN*1*VN*V-CUP
SN1*1*5*EA
HL*6**S
TD3*TL**TRAILER9
HL*7*6*O
PRF*1001-1
HL*8*7*I
LIN*2*VN*V-VASE
SN1*2*1*EA
CTT*8

---
shipment S-90 of 1001-1, left 2026-11-23T15:00:00Z, tracking PRO-1
  line 1: 8
shipment S-90 of 1002-1, left 2026-11-23T15:00:00Z, tracking 1Z777
  line 1: 5
shipment S-90.2 of 1001-1, left 2026-11-23T15:00:00Z, tracking TRAILER9
  line 2: 1
owed: 997 for group 1: accepted
