# Two of three are accepted and nothing is said of the third: it stays reserved while the clock runs, then goes elsewhere.
vendor A has 3 mug, answers within 60 min
vendor B has 5 mug, costs 1.10, answers within 60 min
at 09:00 place order 1001: 3 mug
at 09:10 A answers 1001-1: accepts 2
at 09:20 place order 1002: 1 mug
at 10:00 wake
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 10:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 2, ships by 2026-11-23
09:10 hold firm: 3 mug at A
09:10 wait: ship notice for 1001-1 due 11-25 00:00
09:10 COMMITTED 2 of line 1 from A (acknowledgment_accepted)
09:20 order 1002 captured (enforce)
09:20 plan 1 (order_placed): 1 mug of line 1 from B, 1.10 USD (one vendor); not A atp_insufficient has 0
09:20 hold 1 mug at B until 11:20
09:20 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:20 ask B for 1 mug of line 1 (1002-1 attempt 1), acknowledgment due 10:20 -> send 1002-1 to B
10:00 TOO LATE: acknowledgment of A, due 10:00
10:00 A answered for line 1: accepted 2, declined 1, ships by 2026-11-23 (sla_breached_po_ack)
10:00 hold given back: 1 mug at A (sla_breached_po_ack)
10:00 give up A for 1 of line 1 (sla_breached_po_ack)
10:00 plan 2 (sla_breached_po_ack): 1 mug of line 1 from B, 1.10 USD (one vendor); not A route_already_tried has 1; 10 % dearer than first planned
10:00 hold 1 mug at B until 12:00
10:00 ask B for 1 mug of line 1 (1001-2 attempt 2), acknowledgment due 11:00 -> send 1001-2 to B
10:00 nothing happens
= 1001 line 1: awaiting confirmation, ordered 3, held 3, accepted 2, committed 2
= 1002 line 1: awaiting confirmation, ordered 1, held 1
= A mug: advised 3, 1 free
= B mug: advised 5, 3 free
