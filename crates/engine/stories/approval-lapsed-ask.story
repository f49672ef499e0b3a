# Nobody answers: a case, the hold is given back.
policy modes [{"mode": "recommend"}]
vendor A has 5 mug, has 5 jug
at 09:00 place order 1001: 3 mug, 1 jug
at 11:00 wake
at 11:10 kim resolves 1001-1 plan_again
---
09:00 order 1001 captured (recommend)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); 1 jug of line 2 from A, 1.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 hold 1 jug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 promise of line 2: ships by 2026-11-23, arrives by 2026-11-26
09:00 APPROVAL 1001-1 release asked until 11:00 (approval_recommend)
11:00 approval 1001-1 lapsed
11:00 CASE 1001-1 approval_lapsed (high): Nobody answered approval 1001-1 in time. [plan_again, cancel_rest]
11:00 CASE 1001-2 approval_lapsed (high): Nobody answered approval 1001-1 in time. [plan_again, cancel_rest]
11:00 hold given back: 3 mug at A (approval_lapsed)
11:00 hold given back: 1 jug at A (approval_lapsed)
11:10 case 1001-1 closed (plan_again, by kim)
11:10 plan 2 (manual_override): 3 mug of line 1 from A, 3.00 USD (one vendor)
11:10 hold 3 mug at A until 13:10
11:10 APPROVAL 1001-2 release asked until 13:10 (approval_recommend)
= 1001 line 1: in review, ordered 3, held 3
= 1001 line 2: in review, ordered 1
= A mug: advised 5, 2 free
