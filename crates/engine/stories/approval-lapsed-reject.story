# Or for a no.
policy modes [{"mode": "recommend"}]
policy approvals.unanswered reject
vendor A has 5 mug
at 09:00 place order 1001: 3 mug
at 11:00 wake
---
09:00 order 1001 captured (recommend)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 APPROVAL 1001-1 release asked until 11:00 (approval_recommend)
11:00 approval 1001-1 lapsed
11:00 hold given back: 3 mug at A (approval_lapsed)
11:00 CASE 1001-1 unsourced (high): The plan for 3 of line 1 was rejected: choose what to do. [plan_again, cancel_rest]
= 1001 line 1: in review, ordered 3
