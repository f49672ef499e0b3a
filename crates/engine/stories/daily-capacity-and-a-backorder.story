# A booking far ahead does not make the source forget what it has booked for today.
vendor A has 5 mug, has 0 jug, gets 20 on 2026-12-11, capacity 5
at 09:00 place order 1001: 5 mug
at 09:01 place order 1002: 5 jug
at 09:02 place order 1003: 1 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 5 mug of line 1 from A, 5.00 USD (one vendor)
09:00 hold 5 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 5 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:01 order 1002 captured (enforce)
09:01 plan 1 (order_placed): 5 jug of line 1 from A received on 2026-12-11, 5.00 USD (wait for announced supply)
09:01 hold 5 jug at A of the receipt of 2026-12-11 until 11:01
09:01 promise of line 1: ships by 2026-12-11, arrives by 2026-12-16
09:01 ask A for 5 jug of line 1 (1002-1 attempt 1), acknowledgment due 13:01 -> send 1002-1 to A
09:02 order 1003 captured (enforce)
09:02 plan 1 (order_placed): 1 mug of line 1 from nobody (route_no_candidate, ask); not A route_capacity has 0
09:02 CASE 1003-1 unsourced (high): No source for 1 of mug: No source can supply it. [plan_again, cancel_rest, reroute_to A]
= 1001 line 1: awaiting confirmation, ordered 5, held 5
= 1002 line 1: backordered, ordered 5, held 5
= 1003 line 1: in review, ordered 1
= A mug: advised 5, 0 free
