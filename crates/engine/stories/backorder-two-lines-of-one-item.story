# Two lines of one order share one receipt: it is not promised twice.
vendor A has 0 mug, gets 5 on 2026-12-01
at 09:00 place order 1001: 3 mug, 3 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A received on 2026-12-01, 3.00 USD (wait for announced supply); 3 mug of line 2 from nobody (atp_insufficient, ask); not A atp_insufficient has 0
09:00 hold 3 mug at A of the receipt of 2026-12-01 until 11:00
09:00 promise of line 1: ships by 2026-12-01, arrives by 2026-12-04
09:00 CASE 1001-1 unsourced (high): No source for 3 of mug: The source has less than is wanted. [plan_again, cancel_rest, reroute_to A]
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
= 1001 line 1: backordered, ordered 3, held 3
= 1001 line 2: in review, ordered 3
