# Rows of a table pass a source over, or rank it differently; each decision names the row.
policy tables [{"name": "fragile", "decides": "sourcing", "hit": "collect", "when": ["vendor", "category", "quantity"], "then": ["exclude", "adjust"], "rows": [{"when": ["A", "kitchen/fragile", "-"], "then": ["yes", ""], "why": "breaks too much"}, {"when": ["B", "-", "> 3"], "then": ["", "5.00"]}], "otherwise": ["", ""]}]
item mug, category kitchen/fragile
vendor A has 20 mug, costs 1.00
vendor B has 20 mug, costs 2.00
vendor C has 20 mug, costs 3.00
at 09:00 place order 1001: 2 mug
at 09:01 place order 1002: 4 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 2 mug of line 1 from B, 4.00 USD (one vendor); not A route_excluded has 20, C route_costlier has 20; row 1 of table "fragile" says exclude yes: breaks too much
09:00 hold 2 mug at B until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask B for 2 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to B
09:01 order 1002 captured (enforce)
09:01 plan 1 (order_placed): 4 mug of line 1 from C, 12.00 USD (one vendor); not A route_excluded has 20, B route_ranked_lower has 18; row 1 of table "fragile" says exclude yes: breaks too much; row 2 of table "fragile" says adjust 5.00
09:01 hold 4 mug at C until 11:01
09:01 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:01 ask C for 4 mug of line 1 (1002-1 attempt 1), acknowledgment due 13:01 -> send 1002-1 to C
= 1001 line 1: awaiting confirmation, ordered 2, held 2
= 1002 line 1: awaiting confirmation, ordered 4, held 4
= B mug: advised 20, 18 free
= C mug: advised 20, 16 free
