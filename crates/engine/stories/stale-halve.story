# Old advice is worth half.
policy freshness [{"stale_after_minutes": 60, "stale": "halve"}]
vendor A has 5 mug
at 09:01 place order 1001: 3 mug
at 09:02 place order 1002: 1 mug
---
09:01 order 1001 captured (enforce)
09:01 plan 1 (order_placed): 3 mug of line 1 from nobody (atp_insufficient, ask); not A atp_insufficient has 2
09:01 CASE 1001-1 unsourced (high): No source for 3 of mug: The source has less than is wanted. [plan_again, cancel_rest, reroute_to A]
09:02 order 1002 captured (enforce)
09:02 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
09:02 hold 1 mug at A until 11:02
09:02 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:02 ask A for 1 mug of line 1 (1002-1 attempt 1), acknowledgment due 13:02 -> send 1002-1 to A
= 1001 line 1: in review, ordered 3
= 1002 line 1: awaiting confirmation, ordered 1, held 1
= A mug: advised 5, 4 free
