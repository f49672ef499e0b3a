# The item is no longer sold; other faults of the order are named with it, nothing is stored.
item mug, discontinued
vendor A has 8 mug, has 8 jug
at 09:00 place order 1001: 3 mug, 0 jug, 1 jug BX, 1 vase
---
09:00 REFUSED invalid-field: 4 of the order's lines cannot be taken: see each pointer; nothing was stored [/lines/0/sku mug: catalog_discontinued] [/lines/1/quantity 0: quantity_out_of_range] [/lines/2/unit BX: catalog_unit_mismatch] [/lines/3/sku vase: catalog_unknown_sku]
