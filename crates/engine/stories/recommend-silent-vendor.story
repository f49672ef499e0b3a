# In `recommend` a person releases each act: also giving a silent vendor up, and a later date.
policy modes [{"mode": "recommend"}]
vendor A has 5 mug, answers within 60 min
vendor B has 5 mug, costs 2.00
at 09:00 place order 1001: 3 mug
at 09:05 kim approves 1001-1
at 10:05 wake
at 10:10 kim resolves 1001-1 plan_again
at 10:15 kim approves 1001-2
at 10:20 B accepts 1001-2 on 2026-12-20
---
09:00 order 1001 captured (recommend)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 APPROVAL 1001-1 release asked until 11:00 (approval_recommend)
09:05 approval 1001-1 approved
09:05 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 10:05 -> send 1001-1 to A
10:05 TOO LATE: acknowledgment of A, due 10:05
10:05 CASE 1001-1 answer_overdue (high): A has not answered 1001-1. [wait_longer, plan_again, cancel_rest]
10:10 case 1001-1 closed (plan_again, by kim)
10:10 hold given back: 3 mug at A (manual_override)
10:10 ask A to stop 1001-1 (manual_override), answer due 14:10 -> send cancellation of 1001-1 to A
10:10 plan 2 (manual_override): 3 mug of line 1 from B, 6.00 USD (one vendor); not A route_already_tried has 5; 100 % dearer than first planned
10:10 hold 3 mug at B until 12:10
10:10 APPROVAL 1001-2 release asked until 12:10 (approval_recommend)
10:15 approval 1001-2 approved
10:15 ask B for 3 mug of line 1 (1001-2 attempt 2), acknowledgment due 14:15 -> send 1001-2 to B
10:20 B answered for line 1: accepted 3, ships by 2026-12-20
10:20 hold firm: 3 mug at B
10:20 wait: ship notice for 1001-2 due 12-22 00:00
10:20 CASE 1001-2 date_broken (high): B ships line 1 on 2026-12-20, too late for the promise. [accept_date, plan_again, cancel_rest]
10:20 in time: acknowledgment of B
= 1001 line 1: in review, ordered 3, held 3, accepted 3
= B mug: advised 5, 2 free
