# D.96A: quantities open the figures; damaged and committed stock is taken off; a receipt to come.
set INVRPT:D:96A:UN:EAN004
BGM+35+R1+9
DTM+137:20261123:102
DTM+366:202611230600:203
NAD+GY+4098765000002::9
LIN+1++4006381333931:EN
PIA+1+V-MUG:SA
QTY+145:30:PCE
QTY+66:5:PCE
QTY+124:2:PCE
QTY+21:40:PCE
DTM+2:20261201:102
LIN+2
PIA+5+V-CUP:SA
QTY+192:7:PCE
QTY+145:9:PCE
LIN+3++4000000000000:EN
QTY+156:7:PCE

---
advice by Eancom, full feed, as of 2026-11-23T12:00:00Z
  vendor sku V-MUG, gtin 4006381333931: 23 EA, 40 on 2026-12-01
  vendor sku V-CUP: 7 EA
owed: CONTRL for interchange R201: accepted
warning quantity_on_hand at line 10 QTY01: Only stock on hand is stated, not what is available; it is used, less what the line calls committed, damaged, unusable or on hold.
error quantity_not_available at line 20 QTY01: The qualifier 156 does not say what is available; the line was left out.
kept unused: NAD x1 in INVRPT 1: NAD+GY+4098765000002::9
to quarantine
