# One of three has left when the vendor cancels: what left stays, two are looked for elsewhere.
vendor A has 5 mug
vendor B has 5 mug, costs 1.10
at 09:00 place order 1001: 3 mug
at 09:10 A accepts 1001-1
at 09:20 A ships 1001-1: 1 of line 1
at 09:30 A cancels 1001-1
at 09:40 B accepts 1001-2
at 09:50 B ships 1001-2
at 2026-11-25 10:00 1001-1 S1 delivered
at 2026-11-25 11:00 1001-2 S1 delivered
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 3, ships by 2026-11-23
09:10 hold firm: 3 mug at A
09:10 wait: ship notice for 1001-1 due 11-25 00:00
09:10 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
09:10 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:10 in time: acknowledgment of A
09:20 A shipped 1 of line 1 as S1, 1Z-1001-1
09:20 hold used up: 1 at A
09:30 no longer committed: 2 of line 1 (cancel_vendor)
09:30 hold given back: 2 mug at A (cancel_vendor)
09:30 A is out for 2 of line 1 (cancel_vendor)
09:30 give up A for 2 of line 1 (cancel_vendor)
09:30 CASE 1001-1 vendor_cancelled (medium): A cancelled 2 of line 1 after it had accepted. [dismiss, plan_again, cancel_rest]
09:30 no more waiting: ship notice for 1001-1
09:30 plan 2 (route_next_best): 2 mug of line 1 from B, 2.20 USD (one vendor); not A route_already_tried has 4; 10 % dearer than first planned
09:30 hold 2 mug at B until 11:30
09:30 ask B for 2 mug of line 1 (1001-2 attempt 2), acknowledgment due 13:30 -> send 1001-2 to B
09:40 B answered for line 1: accepted 2, ships by 2026-11-23
09:40 hold firm: 2 mug at B
09:40 wait: ship notice for 1001-2 due 11-25 00:00
09:40 COMMITTED 2 of line 1 from B (acknowledgment_accepted)
09:40 in time: acknowledgment of B
09:50 B shipped 2 of line 1 as S1, 1Z-1001-2
09:50 hold used up: 2 at B
09:50 in time: ship notice of B
11-25 10:00 S1 delivered
11-25 11:00 S1 delivered
= 1001 line 1: delivered, ordered 3, accepted 3, committed 3, shipped 3
= A mug: advised 5, 4 free
= B mug: advised 5, 3 free
