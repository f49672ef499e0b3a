# Old advice is worth nothing.
policy freshness [{"stale_after_minutes": 60, "stale": "exclude"}]
vendor A has 5 mug
at 09:00 place order 1001: 1 mug
at 09:01 place order 1002: 1 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
09:00 hold 1 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 1 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:01 order 1002 captured (enforce)
09:01 plan 1 (order_placed): 1 mug of line 1 from nobody (route_no_candidate, ask); not A atp_stale has 4
09:01 CASE 1002-1 unsourced (high): No source for 1 of mug: No source can supply it. [plan_again, cancel_rest, reroute_to A]
= 1001 line 1: awaiting confirmation, ordered 1, held 1
= 1002 line 1: in review, ordered 1
= A mug: advised 5, 4 free
