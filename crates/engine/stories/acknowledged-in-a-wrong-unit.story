# Answered in boxes, ordered in pieces: not understood, not guessed.
vendor A has 9 mug
at 09:00 place order 1001: 3 mug
at 09:05 A answers 1001-1: accepts 3 BX
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:05 CASE 1001-1 answer_mismatch (medium): The vendor answered line 1 in BX, it was ordered in EA. [dismiss]
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 9, 6 free
