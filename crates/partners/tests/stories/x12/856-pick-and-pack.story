# Shipment, order, pack, item: tracking on each pack; the same line in two packs is added up.
set 856
BSN*00*S-88*20261124*1600*0001
HL*1**S
TD5**2*UPSN*M*UPS GROUND
REF*BM*700002
DTM*011*20261123*1030
HL*2*1*O
PRF*1001-1
HL*3*2*P
MAN*CP*1Z001
HL*4*3*I
LIN*1*VN*V-MUG
SN1*1*2*EA
HL*5*2*P
MAN*GM*00000715670002152360
MAN*CP*1Z002
HL*6*5*I
LIN*1*VN*V-MUG
SN1*1*3*EA
CTT*6

---
shipment S-88 of 1001-1, left 2026-11-23T16:30:00Z by UPSN, tracking 1Z001 1Z002
  line 1: 5
owed: 997 for group 1: accepted
kept unused: REF x1 in 856 0001: REF*BM*700002
kept unused: MAN x1 in 856 0001: MAN*GM*00000715670002152360
