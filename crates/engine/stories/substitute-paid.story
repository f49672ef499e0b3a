# What a person takes instead is what the line costs from then on: its own goods and way where all is replaced, else only the goods of what it replaces. What is not known stays as it was planned.
item mug, substitute jug
item jug
item lid, substitute cup
item cup
vendor A has 50 mug, costs 9.00, shipping 4.00, has 50 jug, costs 2.50, shipping 1.00, packs of 2, has 50 lid, costs 3.00, shipping 4.00
at 09:00 place order 1001: 3 mug
at 09:10 A answers 1001-1: offers 3 jug
at 09:11 kim approves 1001-1
at 09:20 place order 1002: 3 mug
at 09:30 A answers 1002-1: accepts 2, offers 1 jug
at 09:31 kim approves 1002-1
at 09:40 place order 1003: 5 mug
at 09:50 A answers 1003-1: offers 2 jug, rejects 3
at 09:51 kim approves 1003-1
at 10:00 place order 1004: 3 lid
at 10:10 A answers 1004-1: offers 3 cup
at 10:11 kim approves 1004-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 31.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 0, ships by 2026-11-23 (ack_substitution)
09:10 hold given back: 3 mug at A (ack_substitution)
09:10 APPROVAL 1001-1 substitution asked until 11:10 (approval_substitution): 3 jug instead of what line 1 asks for, from A (6.00 USD, ships by 2026-11-23).
09:10 in time: acknowledgment of A
09:11 approval 1001-1 approved
09:11 A answered for line 1: accepted 3, 3 of it as jug at 6.00 USD, ships by 2026-11-23 (ack_substitution)
09:11 wait: ship notice for 1001-1 due 11-25 00:00
09:11 COMMITTED 3 of line 1 from A (ack_substitution)
09:11 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:20 order 1002 captured (enforce)
09:20 plan 1 (order_placed): 3 mug of line 1 from A, 31.00 USD (one vendor)
09:20 hold 3 mug at A until 11:20
09:20 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:20 ask A for 3 mug of line 1 (1002-1 attempt 1), acknowledgment due 13:20 -> send 1002-1 to A
09:30 A answered for line 1: accepted 2, ships by 2026-11-23 (ack_substitution)
09:30 hold firm: 2 mug at A, 1 given back
09:30 wait: ship notice for 1002-1 due 11-25 00:00
09:30 COMMITTED 2 of line 1 from A (acknowledgment_accepted)
09:30 APPROVAL 1002-1 substitution asked until 11:30 (approval_substitution): 1 jug instead of what line 1 asks for, from A (2.50 USD, ships by 2026-11-23).
09:30 in time: acknowledgment of A
09:31 approval 1002-1 approved
09:31 A answered for line 1: accepted 3, 1 of it as jug at 2.50 USD, ships by 2026-11-23 (ack_substitution)
09:31 COMMITTED 1 of line 1 from A (ack_substitution)
09:31 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:40 order 1003 captured (enforce)
09:40 plan 1 (order_placed): 5 mug of line 1 from A, 49.00 USD (one vendor)
09:40 hold 5 mug at A until 11:40
09:40 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:40 ask A for 5 mug of line 1 (1003-1 attempt 1), acknowledgment due 13:40 -> send 1003-1 to A
09:50 A answered for line 1: accepted 0, declined 3, ships by 2026-11-23 (ack_substitution)
09:50 hold given back: 5 mug at A (ack_substitution)
09:50 APPROVAL 1003-1 substitution asked until 11:50 (approval_substitution): 2 jug instead of what line 1 asks for, from A (3.50 USD, ships by 2026-11-23).
09:50 in time: acknowledgment of A
09:50 give up A for 3 of line 1 (ack_partial_quantity)
09:50 plan 2 (route_next_best): 3 mug of line 1 from nobody (route_no_candidate, ask); not A route_already_tried has 48
09:50 CASE 1003-1 unsourced (high): No source for 3 of mug: No source can supply it. [plan_again, cancel_rest, reroute_to A]
09:51 approval 1003-1 approved
09:51 A answered for line 1: accepted 2, declined 3, 2 of it as jug at 3.50 USD, ships by 2026-11-23 (ack_substitution)
09:51 wait: ship notice for 1003-1 due 11-25 00:00
09:51 COMMITTED 2 of line 1 from A (ack_substitution)
10:00 order 1004 captured (enforce)
10:00 plan 1 (order_placed): 3 lid of line 1 from A, 13.00 USD (one vendor)
10:00 hold 3 lid at A until 12:00
10:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
10:00 ask A for 3 lid of line 1 (1004-1 attempt 1), acknowledgment due 14:00 -> send 1004-1 to A
10:10 A answered for line 1: accepted 0, ships by 2026-11-23 (ack_substitution)
10:10 hold given back: 3 lid at A (ack_substitution)
10:10 APPROVAL 1004-1 substitution asked until 12:10 (approval_substitution): 3 cup instead of what line 1 asks for, from A (its price is not known here, ships by 2026-11-23).
10:10 in time: acknowledgment of A
10:11 approval 1004-1 approved
10:11 A answered for line 1: accepted 3, 3 of it as cup at no known price, ships by 2026-11-23 (ack_substitution)
10:11 wait: ship notice for 1004-1 due 11-25 00:00
10:11 COMMITTED 3 of line 1 from A (ack_substitution)
10:11 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
= 1001 line 1: confirmed, ordered 3, accepted 3, committed 3, costs 6.00 USD, 6.00 USD as supplied
= 1002 line 1: confirmed, ordered 3, held 2, accepted 3, committed 3, costs 24.50 USD, 24.50 USD as supplied
= 1003 line 1: in review, ordered 5, accepted 2, committed 2, costs 30.50 USD, 3.50 USD as supplied
= 1004 line 1: confirmed, ordered 3, accepted 3, committed 3, costs 13.00 USD, 13.00 USD as supplied
= A mug: advised 50, 48 free
