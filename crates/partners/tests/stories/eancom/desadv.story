# Two orders in one ship notice; released characters in the carrier's name.
set DESADV:D:96A:UN:EAN005
BGM+351+S 88+9
DTM+137:202611230900:203
DTM+11:202611231000:203
RFF+ON:1001-1
RFF+CN:1Z777
NAD+SU+4098765000002::9
TDT+20+700013+++:::Owen ?'n Sons
CPS+1
PAC+1++CT
PCI+33E
GIN+BJ+340123450000000018
LIN+1++4006381333931:EN
PIA+1+V-MUG:SA
QTY+12:8:PCE
LIN+2
PIA+5+V-CUP:SA
QTY+12:2:PCE
RFF+ON:1002-1:4

---
shipment S-88 of 1001-1, left 2026-11-23T16:00:00Z by Owen 'n Sons, tracking 1Z777
  line 1: 8
shipment S-88 of 1002-1, left 2026-11-23T16:00:00Z by Owen 'n Sons, tracking 1Z777
  line 4: 2
owed: CONTRL for interchange R201: accepted
kept unused: NAD x1 in DESADV 1: NAD+SU+4098765000002::9
kept unused: PAC x1 in DESADV 1: PAC+1++CT
kept unused: PCI x1 in DESADV 1: PCI+33E
kept unused: GIN x1 in DESADV 1: GIN+BJ+340123450000000018
