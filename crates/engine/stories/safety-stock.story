# The last two are never promised.
policy safety_stock [{"units": 2}]
vendor A has 5 mug
at 09:00 place order 1001: 4 mug
at 09:01 place order 1002: 3 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 4 mug of line 1 from nobody (atp_insufficient, ask); not A atp_insufficient has 3; A keeps 2 back
09:00 CASE 1001-1 unsourced (high): No source for 4 of mug: The source has less than is wanted. [plan_again, cancel_rest, reroute_to A]
09:01 order 1002 captured (enforce)
09:01 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); A keeps 2 back
09:01 hold 3 mug at A until 11:01
09:01 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:01 ask A for 3 mug of line 1 (1002-1 attempt 1), acknowledgment due 13:01 -> send 1002-1 to A
= 1001 line 1: in review, ordered 4
= 1002 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 5, 2 free
