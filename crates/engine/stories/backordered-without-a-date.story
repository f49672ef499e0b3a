# Without a day a person decides; the vendor has answered, so its clock stops.
policy answers.backordered ask
vendor A has 5 mug, answers within 60 min
vendor B has 5 mug, costs 1.10
at 09:00 place order 1001: 3 mug
at 09:10 A answers 1001-1: accepts 1, backorders 2
at 10:00 wake
at 10:10 kim resolves 1001-1 plan_again
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 10:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 1, ships by 2026-11-23 (ack_backordered)
09:10 hold firm: 3 mug at A
09:10 wait: ship notice for 1001-1 due 11-25 00:00
09:10 COMMITTED 1 of line 1 from A (acknowledgment_accepted)
09:10 CASE 1001-1 date_broken (high): A put 2 of line 1 on back-order without a date we can promise. [plan_again, wait_longer, cancel_rest]
09:10 in time: acknowledgment of A
10:00 nothing happens
10:10 case 1001-1 closed (plan_again, by kim)
10:10 A answered for line 1: accepted 1, declined 2, ships by 2026-11-23 (manual_override)
10:10 hold given back: 2 mug at A (manual_override)
10:10 plan 2 (manual_override): 2 mug of line 1 from B, 2.20 USD (one vendor); not A route_already_tried has 4; 10 % dearer than first planned
10:10 hold 2 mug at B until 12:10
10:10 ask B for 2 mug of line 1 (1001-2 attempt 2), acknowledgment due 14:10 -> send 1001-2 to B
= 1001 line 1: awaiting confirmation, ordered 3, held 3, accepted 1, committed 1
= A mug: advised 5, 4 free
= B mug: advised 5, 3 free
