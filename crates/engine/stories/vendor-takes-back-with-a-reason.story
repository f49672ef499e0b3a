# What had been accepted is taken back, not rejected: the vendor's reason stands in the case. Of what it had not answered yet
# its reason is the reason.
vendor A has 5 mug
vendor B has 5 mug, costs 1.10
vendor C has 5 mug, costs 1.20
at 09:00 place order 1001: 3 mug
at 09:10 A accepts 1001-1
at 09:20 A cancels 1001-1 (out_of_stock)
at 09:30 B cancels 1001-2 (out_of_stock)
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5, C route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 3, ships by 2026-11-23
09:10 hold firm: 3 mug at A
09:10 wait: ship notice for 1001-1 due 11-25 00:00
09:10 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
09:10 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:10 in time: acknowledgment of A
09:20 no longer committed: 3 of line 1 (cancel_vendor)
09:20 hold given back: 3 mug at A (cancel_vendor)
09:20 A is out for 3 of line 1 (cancel_vendor)
09:20 give up A for 3 of line 1 (cancel_vendor)
09:20 CASE 1001-1 vendor_cancelled (medium): A cancelled 3 of line 1 after it had accepted: out of stock. [dismiss, plan_again, cancel_rest]
09:20 no more waiting: ship notice for 1001-1
09:20 plan 2 (route_next_best): 3 mug of line 1 from B, 3.30 USD (one vendor); not A route_already_tried has 5, C route_costlier has 5; 10 % dearer than first planned
09:20 hold 3 mug at B until 11:20
09:20 ask B for 3 mug of line 1 (1001-2 attempt 2), acknowledgment due 13:20 -> send 1001-2 to B
09:30 hold given back: 3 mug at B (ack_rejected_out_of_stock)
09:30 B is out for 3 of line 1 (ack_rejected_out_of_stock)
09:30 give up B for 3 of line 1 (ack_rejected_out_of_stock)
09:30 no more waiting: acknowledgment for 1001-2
09:30 plan 3 (route_next_best): 3 mug of line 1 from C, 3.60 USD (one vendor); not A route_already_tried has 5, B route_already_tried has 5; 20 % dearer than first planned
09:30 hold 3 mug at C until 11:30
09:30 ask C for 3 mug of line 1 (1001-3 attempt 3), acknowledgment due 13:30 -> send 1001-3 to C
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= C mug: advised 5, 2 free
