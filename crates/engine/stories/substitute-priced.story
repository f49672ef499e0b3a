# A substitute costs what its source asks for it: the price of what was ordered is none of it. A pack that is begun is paid.
item mug, substitute jug
item jug
vendor A has 5 mug, costs 9.00, shipping 4.00, has 5 jug, costs 2.50, shipping 1.00, packs of 2
vendor B has 5 mug, costs 11.00
at 09:00 place order 1001: 3 mug
at 09:10 A answers 1001-1: offers 3 jug
at 09:20 place order 1002: 3 mug
at 09:30 A answers 1002-1: accepts 2, offers 1 jug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 31.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 0, ships by 2026-11-23 (ack_substitution)
09:10 hold given back: 3 mug at A (ack_substitution)
09:10 APPROVAL 1001-1 substitution asked until 11:10 (approval_substitution): 3 jug instead of what line 1 asks for, from A (6.00 USD, ships by 2026-11-23).
09:10 in time: acknowledgment of A
09:20 order 1002 captured (enforce)
09:20 plan 1 (order_placed): 3 mug of line 1 from A, 31.00 USD (one vendor); not B route_costlier has 5
09:20 hold 3 mug at A until 11:20
09:20 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:20 ask A for 3 mug of line 1 (1002-1 attempt 1), acknowledgment due 13:20 -> send 1002-1 to A
09:30 A answered for line 1: accepted 2, ships by 2026-11-23 (ack_substitution)
09:30 hold firm: 2 mug at A, 1 given back
09:30 wait: ship notice for 1002-1 due 11-25 00:00
09:30 COMMITTED 2 of line 1 from A (acknowledgment_accepted)
09:30 APPROVAL 1002-1 substitution asked until 11:30 (approval_substitution): 1 jug instead of what line 1 asks for, from A (2.50 USD, ships by 2026-11-23).
09:30 in time: acknowledgment of A
= 1001 line 1: in review, ordered 3
= 1002 line 1: in review, ordered 3, held 2, accepted 2, committed 2
= A mug: advised 5, 3 free
