# Two vendors supply a line: one stops, one refuses. What stops is cancelled, what ships is kept.
vendor A has 2 mug
vendor B has 1 mug
at 09:00 place order 1001: 3 mug
at 09:02 A accepts 1001-1
at 09:05 customer cancels 1001
at 09:30 A refuses to stop 1001-1
at 09:40 B stops 1001-2
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 2 mug of line 1 from A, 2.00 USD (split); 1 mug of line 1 from B, 1.00 USD (split)
09:00 hold 2 mug at A until 11:00
09:00 hold 1 mug at B until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 2 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:00 ask B for 1 mug of line 1 (1001-2 attempt 1), acknowledgment due 13:00 -> send 1001-2 to B
09:02 A answered for line 1: accepted 2, ships by 2026-11-23
09:02 hold firm: 2 mug at A
09:02 wait: ship notice for 1001-1 due 11-25 00:00
09:02 COMMITTED 2 of line 1 from A (acknowledgment_accepted)
09:02 in time: acknowledgment of A
09:05 line 1 is to be cancelled (cancel_customer)
09:05 no longer committed: 2 of line 1 (cancel_customer)
09:05 hold given back: 2 mug at A (cancel_customer)
09:05 no more waiting: ship notice for 1001-1
09:05 ask A to stop 1001-1 (cancel_customer), answer due 13:05 -> send cancellation of 1001-1 to A
09:05 hold given back: 1 mug at B (cancel_customer)
09:05 no more waiting: acknowledgment for 1001-2
09:05 ask B to stop 1001-2 (cancel_customer), answer due 13:05 -> send cancellation of 1001-2 to B
09:30 A does not stop 1001-1
09:30 A is kept for 2 of line 1
09:30 hold again and firm 2 mug at A
09:30 wait: ship notice for 1001-1 due 11-25 00:00
09:30 CASE 1001-1 cannot_withdraw (high): A refused to cancel 2 of line 1: it ships them. [dismiss]
09:30 in time: cancel answer of A
09:40 B stops 1001-2
09:40 B is out for 1 of line 1 (cancel_customer)
09:40 1 of line 1 CANCELLED (cancel_customer)
09:40 COMMITTED 2 of line 1 from A (acknowledgment_accepted)
09:40 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:40 in time: cancel answer of B
= 1001 line 1: confirmed, ordered 3, held 2, accepted 2, committed 2, cancelled 1
= A mug: advised 2, 0 free
