# A substitute of the list is never accepted silently; the person's time is not the vendor's fault.
item mug, substitute jug
item jug
vendor A has 5 mug, answers within 60 min
vendor B has 5 mug, costs 1.10
at 09:00 place order 1001: 3 mug
at 09:10 A answers 1001-1: offers 3 jug
at 10:00 wake
at 10:10 kim approves 1001-1
at 11:00 A ships 1001-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 10:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 0, ships by 2026-11-23 (ack_substitution)
09:10 hold given back: 3 mug at A (ack_substitution)
09:10 APPROVAL 1001-1 substitution asked until 11:10 (approval_substitution): 3 jug instead of what line 1 asks for, from A (its price is not known here, ships by 2026-11-23).
09:10 in time: acknowledgment of A
10:00 nothing happens
10:10 approval 1001-1 approved
10:10 A answered for line 1: accepted 3, 3 of it as jug at no known price, ships by 2026-11-23 (ack_substitution)
10:10 wait: ship notice for 1001-1 due 11-25 00:00
10:10 COMMITTED 3 of line 1 from A (ack_substitution)
10:10 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
11:00 A shipped 3 of line 1 as S1, 1Z-1001-1
11:00 in time: ship notice of A
= 1001 line 1: shipped, ordered 3, accepted 3, committed 3, shipped 3, costs 3.00 USD, 3.00 USD as supplied
