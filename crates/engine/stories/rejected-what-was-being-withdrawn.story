# To reject is as good as to stop: no cancellation is waited for any more.
vendor A has 5 mug, answers within 60 min, stops within 60 min
vendor B has 5 mug, costs 1.10, answers within 60 min
at 09:00 place order 1001: 3 mug
at 10:00 wake
at 10:05 A rejects 1001-1 (out_of_stock)
at 10:10 A stops 1001-1
at 10:15 B accepts 1001-2
at 11:00 wake
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 10:00 -> send 1001-1 to A
10:00 TOO LATE: acknowledgment of A, due 10:00
10:00 give up A for 3 of line 1 (sla_breached_po_ack)
10:00 hold given back: 3 mug at A (sla_breached_po_ack)
10:00 ask A to stop 1001-1 (sla_breached_po_ack), answer due 11:00 -> send cancellation of 1001-1 to A
10:00 plan 2 (sla_breached_po_ack): 3 mug of line 1 from B, 3.30 USD (one vendor); not A route_already_tried has 2; 10 % dearer than first planned
10:00 hold 3 mug at B until 12:00
10:00 ask B for 3 mug of line 1 (1001-2 attempt 2), acknowledgment due 11:00 -> send 1001-2 to B
10:05 A stops 1001-1
10:05 A is out for 3 of line 1 (sla_breached_po_ack)
10:05 in time: cancel answer of A
10:10 nothing happens
10:15 B answered for line 1: accepted 3, ships by 2026-11-23
10:15 hold firm: 3 mug at B
10:15 wait: ship notice for 1001-2 due 11-25 00:00
10:15 COMMITTED 3 of line 1 from B (acknowledgment_accepted)
10:15 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
10:15 in time: acknowledgment of B
11:00 nothing happens
= 1001 line 1: confirmed, ordered 3, held 3, accepted 3, committed 3
= B mug: advised 5, 2 free
