# A silent vendor is given up for the line that somebody else has; for the other it is waited for, and a person is asked.
vendor A has 5 mug, has 5 jug, answers within 60 min
vendor B has 5 mug, costs 1.10
at 09:00 place order 1001: 3 mug, 1 jug
at 10:00 wake
at 10:10 A answers 1001-1: accepts 1 of line 2
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); 1 jug of line 2 from A, 1.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 hold 1 jug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 promise of line 2: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1, 1 jug of line 2 (1001-1 attempt 1), acknowledgment due 10:00 -> send 1001-1 to A
10:00 TOO LATE: acknowledgment of A, due 10:00
10:00 give up A for 3 of line 1 (sla_breached_po_ack)
10:00 hold given back: 3 mug at A (sla_breached_po_ack)
10:00 ask A to stop 1001-1 (sla_breached_po_ack), answer due 14:00 -> send cancellation of 1001-1 to A
10:00 CASE 1001-1 answer_overdue (high): A has not answered 1001-1. [wait_longer, plan_again, cancel_rest]
10:00 plan 2 (sla_breached_po_ack): 3 mug of line 1 from B, 3.30 USD (one vendor); not A route_already_tried has 2, A route_already_tried has 4; 10 % dearer than first planned
10:00 hold 3 mug at B until 12:00
10:00 ask B for 3 mug of line 1 (1001-2 attempt 2), acknowledgment due 14:00 -> send 1001-2 to B
10:10 A answered for line 2: accepted 1, ships by 2026-11-23
10:10 hold firm: 1 jug at A
10:10 wait: ship notice for 1001-1 due 11-25 00:00
10:10 COMMITTED 1 of line 2 from A (acknowledgment_accepted)
10:10 promise of line 2 confirmed: ships by 2026-11-23, arrives by 2026-11-26
10:10 case 1001-1 closed (settled, by countersign)
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= 1001 line 2: confirmed, ordered 1, held 1, accepted 1, committed 1
= A jug: advised 5, 4 free
= B mug: advised 5, 2 free
