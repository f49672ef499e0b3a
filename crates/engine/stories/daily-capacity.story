# The day is full at A; what is rejected gives the day free again.
vendor A has 20 mug, capacity 6
vendor B has 20 mug, costs 1.10
at 09:00 place order 1001: 5 mug
at 09:01 place order 1002: 2 mug
at 09:10 A rejects 1001-1 (other)
at 09:11 place order 1003: 6 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 5 mug of line 1 from A, 5.00 USD (one vendor); not B route_costlier has 20
09:00 hold 5 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 5 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:01 order 1002 captured (enforce)
09:01 plan 1 (order_placed): 2 mug of line 1 from B, 2.20 USD (one vendor); not A route_capacity has 15
09:01 hold 2 mug at B until 11:01
09:01 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:01 ask B for 2 mug of line 1 (1002-1 attempt 1), acknowledgment due 13:01 -> send 1002-1 to B
09:10 A answered for line 1: accepted 0, declined 5, ships by 2026-11-23 (ack_rejected_other)
09:10 hold given back: 5 mug at A (ack_rejected_other)
09:10 in time: acknowledgment of A
09:10 give up A for 5 of line 1 (ack_rejected_other)
09:10 plan 2 (route_next_best): 5 mug of line 1 from B, 5.50 USD (one vendor); not A route_already_tried has 20; 10 % dearer than first planned
09:10 hold 5 mug at B until 11:10
09:10 ask B for 5 mug of line 1 (1001-2 attempt 2), acknowledgment due 13:10 -> send 1001-2 to B
09:11 order 1003 captured (enforce)
09:11 plan 1 (order_placed): 6 mug of line 1 from A, 6.00 USD (one vendor); not B route_costlier has 13
09:11 hold 6 mug at A until 11:11
09:11 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:11 ask A for 6 mug of line 1 (1003-1 attempt 1), acknowledgment due 13:11 -> send 1003-1 to A
= 1001 line 1: awaiting confirmation, ordered 5, held 5
= 1002 line 1: awaiting confirmation, ordered 2, held 2
= 1003 line 1: awaiting confirmation, ordered 6, held 6
= A mug: advised 20, 14 free
= B mug: advised 20, 13 free
