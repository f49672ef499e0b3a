# The customer gives up one line, the vendor cancels all of it: the other line is not left committed.
vendor A has 5 mug, has 5 jug
vendor B has 5 mug, costs 1.10, has 5 jug
at 09:00 place order 1001: 3 mug, 1 jug
at 09:05 A accepts 1001-1
at 09:10 customer cancels line 1 of 1001
at 09:15 A cancels 1001-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); 1 jug of line 2 from A, 1.00 USD (one vendor); not B route_costlier has 5, B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 hold 1 jug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 promise of line 2: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1, 1 jug of line 2 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:05 A answered for line 1: accepted 3, ships by 2026-11-23
09:05 hold firm: 3 mug at A
09:05 wait: ship notice for 1001-1 due 11-25 00:00
09:05 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
09:05 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:05 A answered for line 2: accepted 1, ships by 2026-11-23
09:05 hold firm: 1 jug at A
09:05 COMMITTED 1 of line 2 from A (acknowledgment_accepted)
09:05 promise of line 2 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:05 in time: acknowledgment of A
09:10 line 1 is to be cancelled (cancel_customer)
09:10 no longer committed: 3 of line 1 (cancel_customer)
09:10 hold given back: 3 mug at A (cancel_customer)
09:10 ask A to stop 1001-1 (cancel_customer), answer due 13:10 -> send cancellation of 1001-1 to A
09:15 A stops 1001-1
09:15 A is out for 3 of line 1 (cancel_customer)
09:15 3 of line 1 CANCELLED (cancel_customer)
09:15 in time: cancel answer of A
09:15 no longer committed: 1 of line 2 (cancel_vendor)
09:15 hold given back: 1 jug at A (cancel_vendor)
09:15 A is out for 1 of line 2 (cancel_vendor)
09:15 give up A for 1 of line 2 (cancel_vendor)
09:15 CASE 1001-1 vendor_cancelled (medium): A cancelled 1 of line 2 after it had accepted. [dismiss, plan_again, cancel_rest]
09:15 no more waiting: ship notice for 1001-1
09:15 plan 2 (route_next_best): 1 jug of line 2 from B, 1.00 USD (one vendor); not A route_already_tried has 5
09:15 hold 1 jug at B until 11:15
09:15 ask B for 1 jug of line 2 (1001-2 attempt 2), acknowledgment due 13:15 -> send 1001-2 to B
= 1001 line 1: cancelled, ordered 3, cancelled 3
= 1001 line 2: awaiting confirmation, ordered 1, held 1
= B jug: advised 5, 4 free
