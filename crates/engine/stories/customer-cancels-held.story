# Held for a person's approval: released at once, the customer is told at once, nobody else is asked.
policy modes [{"mode": "recommend"}]
vendor A has 5 mug
at 09:00 place order 1001: 3 mug
at 09:05 customer cancels 1001
---
09:00 order 1001 captured (recommend)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 APPROVAL 1001-1 release asked until 11:00 (approval_recommend)
09:05 line 1 is to be cancelled (cancel_customer)
09:05 approval 1001-1 void
09:05 hold given back: 3 mug at A (cancel_customer)
09:05 3 of line 1 CANCELLED (cancel_customer)
= 1001 line 1: cancelled, ordered 3, cancelled 3
