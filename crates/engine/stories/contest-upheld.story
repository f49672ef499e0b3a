# A vendor disputes a breach that it has, not one that it has not; no other vendor can. The case's own remedy answers it.
vendor A has 5 mug, answers within 60 min, stops within 60 min
vendor B has 5 mug, costs 1.10, answers within 60 min
at 09:00 place order 1001: 3 mug
at 10:00 wake
at 10:30 A contests 1001-1 ship_notice: we never got it
at 10:31 B contests 1001-1 acknowledgment: they are always late
at 10:32 A contests 1001-1 acknowledgment: we never got it
at 11:00 manager upholds 1001-1 acknowledgment
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
10:30 REFUSED not-now: 1001-1 has no such breach: see the scorecard for those it has [/clock the ship notice: no_breach]
10:31 REFUSED unknown-purchase-order: purchase order 1001-1 is not known here: check the number on the order you received [/po 1001-1: edi_unmatched_po]
10:32 A contests: acknowledgment due 10:00: we never got it
10:32 CASE 1001-1 breach_contested (low): A disputes that it was late for 1001-1 with the answer to the purchase order, due 2026-11-23T10:00:00Z: we never got it [uphold_breach, excuse_breach]
11:00 upheld by manager: acknowledgment of A due 10:00
11:00 case 1001-1 closed (uphold_breach, by manager)
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= B mug: advised 5, 2 free
