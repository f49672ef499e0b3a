# Declined: the holds are given back, a person says what next.
policy approvals.split always
vendor A has 2 mug
vendor B has 1 mug
at 09:00 place order 1001: 3 mug
at 09:10 kim declines 1001-1
at 09:20 kim resolves 1001-1 cancel_rest
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 2 mug of line 1 from A, 2.00 USD (split); 1 mug of line 1 from B, 1.00 USD (split)
09:00 hold 2 mug at A until 11:00
09:00 hold 1 mug at B until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 APPROVAL 1001-1 split asked until 11:00 (approval_split)
09:10 approval 1001-1 rejected
09:10 hold given back: 2 mug at A (manual_override)
09:10 hold given back: 1 mug at B (manual_override)
09:10 CASE 1001-1 unsourced (high): The plan for 3 of line 1 was rejected: choose what to do. [plan_again, cancel_rest]
09:20 case 1001-1 closed (cancel_rest, by kim)
09:20 line 1 is to be cancelled (cancel_no_source)
09:20 3 of line 1 CANCELLED (cancel_no_source)
= 1001 line 1: cancelled, ordered 3, cancelled 3
