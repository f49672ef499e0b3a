# One line of two; the other line goes on, on the same purchase order.
vendor A has 5 mug, has 5 jug
at 09:00 place order 1001: 3 mug, 1 jug
at 09:05 customer cancels line 1 of 1001
at 09:06 customer cancels line 7 of 1001
at 09:10 A answers 1001-1: accepts 1 of line 2, rejects 3 of line 1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); 1 jug of line 2 from A, 1.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 hold 1 jug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 promise of line 2: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1, 1 jug of line 2 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:05 line 1 is to be cancelled (cancel_customer)
09:05 hold given back: 3 mug at A (cancel_customer)
09:05 ask A to stop 1001-1 (cancel_customer), answer due 13:05 -> send cancellation of 1001-1 to A
09:06 REFUSED unknown-line: order 1001 has no line 7 [/line 7: unknown_line]
09:10 A stops 1001-1
09:10 A is out for 3 of line 1 (cancel_customer)
09:10 3 of line 1 CANCELLED (cancel_customer)
09:10 in time: cancel answer of A
09:10 A answered for line 2: accepted 1, ships by 2026-11-23
09:10 hold firm: 1 jug at A
09:10 wait: ship notice for 1001-1 due 11-25 00:00
09:10 COMMITTED 1 of line 2 from A (acknowledgment_accepted)
09:10 promise of line 2 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:10 in time: acknowledgment of A
= 1001 line 1: cancelled, ordered 3, cancelled 3
= 1001 line 2: confirmed, ordered 1, held 1, accepted 1, committed 1
= A jug: advised 5, 4 free
