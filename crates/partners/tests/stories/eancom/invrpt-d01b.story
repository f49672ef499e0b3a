# D.01B: INV opens the figures with their quantities inside; two places are added up; reserved stock does not count.
set INVRPT:D:01B:UN:EAN007
BGM+35+R1+4
DTM+137:202611230600:203
NAD+GY+4098765000002::9
LIN+1++4006381333931:SRV
INV+2+1
QTY+145:30:PCE
LOC+18+EAST::92
INV+2+1
QTY+145:12:PCE
LOC+18+WEST::92
INV+2+4
QTY+145:99:PCE
LOC+18+WEST::92

---
advice by Eancom, changes, as of 2026-11-23T12:00:00Z
  gtin 4006381333931: 42 EA
owed: CONTRL for interchange R201: accepted
warning quantity_on_hand at line 9 QTY01: Only stock on hand is stated, not what is available; it is used, less what the line calls committed, damaged, unusable or on hold.
kept unused: NAD x1 in INVRPT 1: NAD+GY+4098765000002::9
kept unused: QTY x1 in INVRPT 1: QTY+145:99:PCE
