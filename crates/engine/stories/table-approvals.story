# A table reserves costly plans for a person, and spares one what the lists would ask.
policy approvals.split always
policy tables [{"name": "costly", "decides": "approvals", "when": ["cost", "split"], "then": ["ask"], "rows": [{"when": ["> 50", "-"], "then": ["cost_increase"]}, {"when": ["-", "yes"], "then": ["nobody"]}], "otherwise": [""]}]
vendor A has 30 mug, costs 2.00
vendor B has 3 mug, costs 2.00
at 09:00 place order 1001: 28 mug
at 09:01 place order 1002: 4 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 28 mug of line 1 from A, 56.00 USD (one vendor); not B atp_insufficient has 3; row 1 of table "costly" says ask cost_increase
09:00 hold 28 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 APPROVAL 1001-1 cost increase asked until 11:00 (approval_by_table)
09:01 order 1002 captured (enforce)
09:01 plan 1 (order_placed): 3 mug of line 1 from B, 6.00 USD (split); 1 mug of line 1 from A, 2.00 USD (split); row 2 of table "costly" says ask nobody
09:01 hold 3 mug at B until 11:01
09:01 hold 1 mug at A until 11:01
09:01 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:01 ask A for 1 mug of line 1 (1002-1 attempt 1), acknowledgment due 13:01 -> send 1002-1 to A
09:01 ask B for 3 mug of line 1 (1002-2 attempt 1), acknowledgment due 13:01 -> send 1002-2 to B
= 1001 line 1: in review, ordered 28, held 28
= 1002 line 1: awaiting confirmation, ordered 4, held 4
= A mug: advised 30, 1 free
= B mug: advised 3, 0 free
