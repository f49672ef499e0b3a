# Four in ten orders are enforced, always the same ones; the table goes before the list.
policy modes [{"mode": "enforce", "percent": 40}, {"mode": "observe"}]
policy tables [{"name": "fragile first", "decides": "modes", "when": ["category", "cohort_percent"], "then": ["mode"], "rows": [{"when": ["kitchen/fragile", "< 60"], "then": ["recommend"]}], "otherwise": [""]}]
item cup, category kitchen/fragile
vendor A has 50 mug, has 50 cup
at 09:00 place order 1001: 1 mug
at 09:00 place order 1002: 1 mug
at 09:00 place order 1003: 1 mug
at 09:00 place order 1004: 1 mug
at 09:00 place order 1005: 1 mug
at 09:01 place order 1006: 1 cup
at 09:01 place order 1007: 1 cup
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
09:00 hold 1 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 1 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:00 order 1002 captured (enforce)
09:00 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
09:00 hold 1 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 1 mug of line 1 (1002-1 attempt 1), acknowledgment due 13:00 -> send 1002-1 to A
09:00 order 1003 captured (observe)
09:00 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
09:00 order 1004 captured (observe)
09:00 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
09:00 order 1005 captured (observe)
09:00 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
09:01 order 1006 captured (observe)
09:01 plan 1 (order_placed): 1 cup of line 1 from A, 1.00 USD (one vendor)
09:01 order 1007 captured (recommend); row 1 of table "fragile first" says mode recommend
09:01 plan 1 (order_placed): 1 cup of line 1 from A, 1.00 USD (one vendor)
09:01 hold 1 cup at A until 11:01
09:01 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:01 APPROVAL 1007-1 release asked until 11:01 (approval_recommend)
= 1001 line 1: awaiting confirmation, ordered 1, held 1
= 1002 line 1: awaiting confirmation, ordered 1, held 1
= 1003 line 1: captured, ordered 1
= 1004 line 1: captured, ordered 1
= 1005 line 1: captured, ordered 1
= 1006 line 1: captured, ordered 1
= 1007 line 1: in review, ordered 1, held 1
= A cup: advised 50, 49 free
= A mug: advised 50, 48 free
