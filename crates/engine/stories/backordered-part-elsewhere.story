# A part is accepted, the back-ordered rest goes elsewhere: a cancellation names whole lines, so a person tells the vendor.
vendor A has 5 mug
vendor B has 5 mug, costs 1.10
at 09:00 place order 1001: 3 mug
at 09:10 A answers 1001-1: accepts 1, backorders 2 on 2026-12-15
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 1, declined 2, ships by 2026-11-23 (ack_backordered)
09:10 hold firm: 1 mug at A, 2 given back
09:10 wait: ship notice for 1001-1 due 11-25 00:00
09:10 COMMITTED 1 of line 1 from A (acknowledgment_accepted)
09:10 in time: acknowledgment of A
09:10 CASE 1001-1 answer_mismatch (medium): A would send 2 more of line 1 later, which are not wanted: tell it to leave them out. [dismiss]
09:10 give up A for 2 of line 1 (ack_partial_quantity)
09:10 plan 2 (route_next_best): 2 mug of line 1 from B, 2.20 USD (one vendor); not A route_already_tried has 4; 10 % dearer than first planned
09:10 hold 2 mug at B until 11:10
09:10 ask B for 2 mug of line 1 (1001-2 attempt 2), acknowledgment due 13:10 -> send 1001-2 to B
= 1001 line 1: awaiting confirmation, ordered 3, held 3, accepted 1, committed 1
= A mug: advised 5, 4 free
= B mug: advised 5, 3 free
