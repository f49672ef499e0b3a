# The vendor will not have it again.
vendor A has 8 mug, discontinued
vendor B has 8 mug, costs 5.00
at 09:00 place order 1001: 3 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from B, 15.00 USD (one vendor); not A catalog_discontinued has 8
09:00 hold 3 mug at B until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask B for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to B
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= B mug: advised 8, 5 free
