# Not approved: the vendor is asked to stop, the next is asked.
item mug, substitute jug
item jug
vendor A has 5 mug
vendor B has 5 mug, costs 1.10
at 09:00 place order 1001: 3 mug
at 09:10 A answers 1001-1: offers 3 jug
at 09:20 kim declines 1001-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 0, ships by 2026-11-23 (ack_substitution)
09:10 hold given back: 3 mug at A (ack_substitution)
09:10 APPROVAL 1001-1 substitution asked until 11:10 (approval_substitution): 3 jug instead of what line 1 asks for, from A (its price is not known here, ships by 2026-11-23).
09:10 in time: acknowledgment of A
09:20 approval 1001-1 rejected
09:20 ask A to stop 1001-1 (manual_override), answer due 13:20 -> send cancellation of 1001-1 to A
09:20 plan 2 (route_next_best): 3 mug of line 1 from B, 3.30 USD (one vendor); not A route_already_tried has 5; 10 % dearer than first planned
09:20 hold 3 mug at B until 11:20
09:20 ask B for 3 mug of line 1 (1001-2 attempt 2), acknowledgment due 13:20 -> send 1001-2 to B
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= B mug: advised 5, 2 free
