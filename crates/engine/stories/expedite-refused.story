# Nobody wants to pay for the faster way: the goods go the usual way, and the customer is told the later day.
policy transit [{"service_level":"express","days":1},{"days":3}]
policy expedite {"service_level":"express","cost":{"amount":"7.50","currency":"USD"}}
vendor A has 5 mug
vendor B has 5 mug, costs 1.10
at 09:00 place order 1001: 3 mug
at 2026-11-24 09:10 A rejects 1001-1 (out_of_stock)
at 2026-11-24 09:20 kim declines 1001-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
11-24 09:10 A answered for line 1: accepted 0, declined 3, ships by 2026-11-23 (ack_rejected_out_of_stock)
11-24 09:10 hold given back: 3 mug at A (ack_rejected_out_of_stock)
11-24 09:10 TOO LATE: acknowledgment of A, due 13:00
11-24 09:10 give up A for 3 of line 1 (ack_rejected_out_of_stock)
11-24 09:10 plan 2 (route_next_best): 3 mug of line 1 from B by express, 10.80 USD (one vendor); not A route_already_tried has 5; 260 % dearer than first planned
11-24 09:10 hold 3 mug at B until 11-24 11:10
11-24 09:10 APPROVAL 1001-1 expedite asked until 11-24 11:10 (approval_expedite)
11-24 09:20 approval 1001-1 rejected
11-24 09:20 hold given back: 3 mug at B (manual_override)
11-24 09:20 plan 3 (route_next_best): 3 mug of line 1 from B, 3.30 USD (one vendor); not A route_already_tried has 5; 10 % dearer than first planned; too late for the promise
11-24 09:20 hold 3 mug at B until 11-24 11:20
11-24 09:20 promise of line 1 revised: ships by 2026-11-24, arrives by 2026-11-27 (route_next_best)
11-24 09:20 ask B for 3 mug of line 1 (1001-2 attempt 3), acknowledgment due 11-24 13:20 -> send 1001-2 to B
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= B mug: advised 5, 2 free
