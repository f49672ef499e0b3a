# Accepted, partly with the balance later, not accepted; the sum of the parts is what was ordered.
ordered 1: 10 EA of MUG (V-MUG), ship by 2026-11-25, deliver by 2026-11-28
ordered 2: 5 EA of CUP (V-CUP), ship by 2026-11-25, deliver by 2026-11-28
ordered 3: 5 EA of VASE (V-VASE), ship by 2026-11-25, deliver by 2026-11-28
set ORDRSP:D:96A:UN:EAN005
BGM+231+SO-77+4
DTM+137:20261123:102
RFF+ON:1001-1
RFF+CR:ATTEMPT-1
NAD+SU+4098765000002::9
NAD+BY+4012345000009::9
LIN+1+5+4006381333931:EN
PIA+1+V-MUG:SA
QTY+21:10:PCE
DTM+11:20261125:102
LIN+2+6
PIA+5+V-CUP:SA
QTY+21:5:PCE
QTY+113:3:PCE
QTY+83:1:PCE
DTM+67:20261130:102
LIN+3+7
PIA+5+V-VASE:SA
QTY+21:5:PCE
FTX+AAO+++discontinued
UNS+S
CNT+2:3

---
acknowledgment of 1001-1 (line 4), attempt 1, vendor order SO-77
  line 1: accepted 10 EA, ships 2026-11-25
  line 2: accepted 3 EA, ships 2026-11-27
  line 2: backordered 1 EA, ships 2026-11-27, ack_backordered
  line 2: rejected 1 EA, ack_partial_quantity
  line 3: rejected 5 EA, ack_rejected_discontinued
owed: CONTRL for interchange R201: accepted
kept unused: DTM x1 in ORDRSP 1: DTM+137:20261123:102
kept unused: NAD x2 in ORDRSP 1: NAD+SU+4098765000002::9
