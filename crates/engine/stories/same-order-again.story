# The same order again has no effect; the same id with other content is refused.
vendor A has 8 mug
at 09:00 place order 1001: 3 mug
at 09:01 place order 1001: 3 mug
at 09:02 place order 1001: 4 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:01 nothing happens
09:02 REFUSED order-conflict: order 1001 was captured before with other content: use another id, or the change and cancel calls [/id 1001: order_conflict]
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 8, 5 free
