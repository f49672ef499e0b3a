# A distribution centre ships.
ordered 7: 2 EA of LAMP-BR-1 (LAMP-BR-1), ship by 2026-11-25, deliver by 2026-11-28
set 945
W06*N*1001-2*20261123*SHP77**1001
N1*ST*JANE DOE
G62*11*20261123
W27*M*FDEG*FEDEX GROUND
LX*1
MAN*CP*794611112222
W12*CC*2*2*0*EA**VN*LAMP-BR-1
W03*2*8*LB

---
shipment SHP77 of 1001-2, left 2026-11-23T15:30:00Z by FDEG, tracking 794611112222
  line 7: 2
owed: 997 for group 1: accepted
kept unused: N1 x1 in 945 0001: N1*ST*JANE DOE
