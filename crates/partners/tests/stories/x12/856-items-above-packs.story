# Shipment, order, item, pack: the other order of levels; lines are found by their items.
ordered 10: 8 EA of MUG (V-MUG), ship by 2026-11-25, deliver by 2026-11-28
ordered 20: 5 EA of CUP (V-CUP), ship by 2026-11-25, deliver by 2026-11-28
set 856
BSN*00*S-89*20261123*0900*0002
HL*1**S
TD5*****FEDEX HOME
HL*2*1*O
PRF*1001-1
HL*3*2*I
LIN**VN*V-MUG
SN1**8*EA
HL*4*3*P
MAN*CP*794611112222
HL*5*2*I
LIN**VN*V-CUP
SN1**5*CA
HL*6*5*P
MAN*CP*794611113333
CTT*6

---
shipment S-89 of 1001-1, left 2026-11-23T15:00:00Z by FEDEX HOME, tracking 794611112222 794611113333
  line 10: 8
  line 20: 5
owed: 997 for group 1: accepted
warning catalog_unit_mismatch at line 16 SN1: Line 20 was ordered in EA, the paper counts in CA.
