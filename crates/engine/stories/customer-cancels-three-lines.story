# One vendor supplies all lines: it is asked to stop once.
vendor A has 5 mug, has 5 jug, has 5 vase
at 09:00 place order 1001: 1 mug, 1 jug, 1 vase
at 09:05 customer cancels 1001
at 09:10 A stops 1001-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor); 1 jug of line 2 from A, 1.00 USD (one vendor); 1 vase of line 3 from A, 1.00 USD (one vendor)
09:00 hold 1 mug at A until 11:00
09:00 hold 1 jug at A until 11:00
09:00 hold 1 vase at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 promise of line 2: ships by 2026-11-23, arrives by 2026-11-26
09:00 promise of line 3: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 1 mug of line 1, 1 jug of line 2, 1 vase of line 3 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:05 line 1 is to be cancelled (cancel_customer)
09:05 line 2 is to be cancelled (cancel_customer)
09:05 line 3 is to be cancelled (cancel_customer)
09:05 hold given back: 1 mug at A (cancel_customer)
09:05 hold given back: 1 jug at A (cancel_customer)
09:05 hold given back: 1 vase at A (cancel_customer)
09:05 no more waiting: acknowledgment for 1001-1
09:05 ask A to stop 1001-1 (cancel_customer), answer due 13:05 -> send cancellation of 1001-1 to A
09:10 A stops 1001-1
09:10 A is out for 1 of line 1 (cancel_customer)
09:10 1 of line 1 CANCELLED (cancel_customer)
09:10 A is out for 1 of line 2 (cancel_customer)
09:10 1 of line 2 CANCELLED (cancel_customer)
09:10 A is out for 1 of line 3 (cancel_customer)
09:10 1 of line 3 CANCELLED (cancel_customer)
09:10 in time: cancel answer of A
= 1001 line 1: cancelled, ordered 1, cancelled 1
= 1001 line 2: cancelled, ordered 1, cancelled 1
= 1001 line 3: cancelled, ordered 1, cancelled 1
