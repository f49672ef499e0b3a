# A silent vendor is given up and the next is asked. Its late yes does not touch the running attempt; it stops as asked.
vendor A has 5 mug, answers within 60 min, stops within 60 min
vendor B has 5 mug, costs 1.10, answers within 60 min
at 09:00 place order 1001: 3 mug
at 10:00 wake
at 10:05 A accepts 1001-1
at 10:10 B accepts 1001-2
at 10:20 A stops 1001-1
at 15:00 B ships 1001-2
at 2026-11-25 10:00 1001-2 S1 delivered
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
10:05 LATE: A accepted 3 on attempt 1 of 1001-1
10:05 CASE 1001-1 late_answer (medium): A accepted 1001-1 after it had been asked to stop. What runs now was not touched; its answer to the cancellation is awaited. [dismiss, source_will_not_ship, keep_source]
10:10 B answered for line 1: accepted 3, ships by 2026-11-23
10:10 hold firm: 3 mug at B
10:10 wait: ship notice for 1001-2 due 11-25 00:00
10:10 COMMITTED 3 of line 1 from B (acknowledgment_accepted)
10:10 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
10:10 in time: acknowledgment of B
10:20 A stops 1001-1
10:20 A is out for 3 of line 1 (sla_breached_po_ack)
10:20 in time: cancel answer of A
10:20 case 1001-1 closed (settled, by countersign)
15:00 B shipped 3 of line 1 as S1, 1Z-1001-2
15:00 hold used up: 3 at B
15:00 in time: ship notice of B
11-25 10:00 S1 delivered
= 1001 line 1: delivered, ordered 3, accepted 3, committed 3, shipped 3
= B mug: advised 5, 2 free
