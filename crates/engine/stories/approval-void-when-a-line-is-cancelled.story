# One question about two lines: a line is cancelled, the other is asked about anew at once.
policy modes [{"mode": "recommend"}]
vendor A has 5 mug, has 5 jug
at 09:00 place order 1001: 3 mug, 1 jug
at 09:05 customer cancels line 1 of 1001
at 09:10 kim approves 1001-2
---
09:00 order 1001 captured (recommend)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); 1 jug of line 2 from A, 1.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 hold 1 jug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 promise of line 2: ships by 2026-11-23, arrives by 2026-11-26
09:00 APPROVAL 1001-1 release asked until 11:00 (approval_recommend)
09:05 line 1 is to be cancelled (cancel_customer)
09:05 approval 1001-1 void
09:05 APPROVAL 1001-2 release asked until 11:00 (approval_recommend)
09:05 hold given back: 3 mug at A (cancel_customer)
09:05 3 of line 1 CANCELLED (cancel_customer)
09:10 approval 1001-2 approved
09:10 ask A for 1 jug of line 2 (1001-1 attempt 1), acknowledgment due 13:10 -> send 1001-1 to A
= 1001 line 1: cancelled, ordered 3, cancelled 3
= 1001 line 2: awaiting confirmation, ordered 1, held 1
= A jug: advised 5, 4 free
