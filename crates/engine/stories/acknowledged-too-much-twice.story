# A second answer that does not fit says something new: it stands in the open case, nothing is swallowed.
vendor A has 5 mug
at 09:00 place order 1001: 3 mug
at 09:10 A answers 1001-1: accepts 4
at 09:20 A answers 1001-1: accepts 5
at 09:30 A answers 1001-1: accepts 5
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 CASE 1001-1 answer_mismatch (medium): The vendor answered for 4 of line 1, 3 were ordered; the rest is ignored. [dismiss]
09:10 A answered for line 1: accepted 3, ships by 2026-11-23
09:10 hold firm: 3 mug at A
09:10 wait: ship notice for 1001-1 due 11-25 00:00
09:10 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
09:10 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:10 in time: acknowledgment of A
09:20 case 1001-1 noted by countersign: The vendor answered for 5 of line 1, 3 were ordered; the rest is ignored.
09:30 nothing happens
= 1001 line 1: confirmed, ordered 3, held 3, accepted 3, committed 3
= A mug: advised 5, 2 free
