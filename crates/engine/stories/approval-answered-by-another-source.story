# Who takes another source than the one asked about has answered the approval: it says who, which source and in what words.
policy modes [{"mode": "recommend"}]
vendor A has 5 mug
vendor B has 5 mug, costs 1.10
vendor C has 5 mug, costs 1.20
at 09:00 place order 1001: 3 mug
at 09:05 kim reroutes line 1 of 1001 to B answering 1001-7: no such question
at 09:10 kim reroutes line 1 of 1001 to B answering 1001-1: A was late twice this week
at 09:15 kim reroutes line 1 of 1001 to C answering 1001-1: it was answered before
---
09:00 order 1001 captured (recommend)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5, C route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 APPROVAL 1001-1 release asked until 11:00 (approval_recommend)
09:05 REFUSED not-now: approval 1001-7 asks nothing about line 1 any more: read it again [/approval 1001-7: not_open]
09:10 approval 1001-1 replaced by B (A was late twice this week)
09:10 give up A for 3 of line 1 (manual_override)
09:10 hold given back: 3 mug at A (manual_override)
09:10 plan 2 (manual_override): 3 mug of line 1 from B, 3.30 USD (one vendor); 10 % dearer than first planned
09:10 hold 3 mug at B until 11:10
09:10 ask B for 3 mug of line 1 (1001-1 attempt 2), acknowledgment due 13:10 -> send 1001-1 to B
09:15 REFUSED not-now: approval 1001-1 asks nothing about line 1 any more: read it again [/approval 1001-1: not_open]
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= B mug: advised 5, 2 free
