# More than was ordered is cut and noted; absurd figures do no harm.
vendor A has 9 mug
at 09:00 place order 1001: 3 mug
at 09:05 A answers 1001-1: accepts 4000000000, accepts 4000000000
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:05 CASE 1001-1 answer_mismatch (medium): The vendor answered for 10000000 of line 1, 3 were ordered; the rest is ignored. [dismiss]
09:05 A answered for line 1: accepted 3, ships by 2026-11-23
09:05 hold firm: 3 mug at A
09:05 wait: ship notice for 1001-1 due 11-25 00:00
09:05 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
09:05 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:05 in time: acknowledgment of A
= 1001 line 1: confirmed, ordered 3, held 3, accepted 3, committed 3
= A mug: advised 9, 6 free
