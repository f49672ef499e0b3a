# A hold lasts as long as the policy says; then the stock is free for others and the line is planned anew.
policy modes [{"mode": "recommend"}]
policy hold_minutes 30
vendor A has 3 mug
vendor B has 5 mug, costs 1.10
at 09:00 place order 1001: 3 mug
at 09:30 wake
at 09:31 kim approves 1001-1
at 09:32 kim approves 1001-2
---
09:00 order 1001 captured (recommend)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 09:30
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 APPROVAL 1001-1 release asked until 11:00 (approval_recommend)
09:30 hold given back: 3 mug at A (hold_expired)
09:30 approval 1001-1 void
09:30 plan 2 (hold_expired): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:30 hold 3 mug at A until 10:00
09:30 APPROVAL 1001-2 release asked until 11:30 (approval_recommend)
09:31 REFUSED not-now: approval 1001-1 was answered before: read it again
09:32 approval 1001-2 approved
09:32 ask A for 3 mug of line 1 (1001-1 attempt 2), acknowledgment due 13:32 -> send 1001-1 to A
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 3, 0 free
