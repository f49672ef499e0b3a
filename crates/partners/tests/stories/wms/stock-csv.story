# A warehouse's stock as a spreadsheet would save it.
name stock-full-20261123.csv
file
SKU;Quantity;Unit;As of;Incoming on;Incoming quantity;Bin
LAMP-OAK-01;12;ea;2026-11-23T09:00:00-06:00;2026-12-01;40;A1
LAMP-OAK-01;12;ea;2026-11-23T09:00:00-06:00;2026-12-08;10;A1
"MUG";5;EA;2026-11-23T09:00:00-06:00;;;A2
CUP;x;EA;;;;A3

---
advice by Wms, changes, as of 2026-11-23T15:00:00Z
  sku LAMP-OAK-01: 12 EA, 40 on 2026-12-01, 10 on 2026-12-08
  sku MUG: 5 EA
error quantity_invalid at line 5 quantity02: The quantity "x" is no number.
kept unused: bin x1 in csv: bin
to quarantine
