# The policy may take silence for consent.
policy modes [{"mode": "recommend"}]
policy approvals.unanswered approve
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
11:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 15:00 -> send 1001-1 to A
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 5, 2 free
