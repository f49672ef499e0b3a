# The service was down from 09:30 to 15:00: what fell due fires once, with the true due time.
vendor A has 5 mug, answers within 60 min warned
vendor B has 5 mug, costs 1.10, answers within 60 min
at 09:00 place order 1001: 3 mug
at 15:00 wake
at 15:00 wake
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 10:00 -> send 1001-1 to A
15:00 TOO LATE: acknowledgment of A, due 10:00
15:00 give up A for 3 of line 1 (sla_breached_po_ack)
15:00 hold given back: 3 mug at A (sla_breached_po_ack)
15:00 ask A to stop 1001-1 (sla_breached_po_ack), answer due 19:00 -> send cancellation of 1001-1 to A
15:00 plan 2 (sla_breached_po_ack): 3 mug of line 1 from B, 3.30 USD (one vendor); not A route_already_tried has 2; 10 % dearer than first planned
15:00 hold 3 mug at B until 17:00
15:00 ask B for 3 mug of line 1 (1001-2 attempt 2), acknowledgment due 16:00 -> send 1001-2 to B
15:00 nothing happens
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= B mug: advised 5, 2 free
