# A rule about a vendor that nobody recorded would never fit: it is refused with every place.
vendor A has 5 mug
at 09:00 kim writes policy 3: {"modes": [{"source": "Z", "mode": "observe"}], "tables": [{"name": "fragile", "decides": "sourcing", "when": ["vendor"], "then": ["exclude"], "rows": [{"when": ["A, \"Y\""], "then": ["yes"]}], "otherwise": [""]}]}
---
09:00 REFUSED invalid-field: /modes/0/source: there is no source "Z": record it first (PUT /v1/sources/Z), or write the id of one that there is (1 more places) [/modes/0/source Z: there is no source "Z": record it first (PUT /v1/sources/Z), or write the id of one that there is] [/tables/0/rows/0/when/0 Y: table "fragile", row 1, column vendor: there is no source "Y": record it first (PUT /v1/sources/Y), or write the id of one that there is]
