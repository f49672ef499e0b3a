# The cut-off has passed and the next day is a holiday.
vendor A has 5 mug, zone America/Chicago, cut-off 14:00, handles in 1 days, closed on 2026-11-24
at 20:00 place order 1001: 3 mug
---
20:00 order 1001 captured (enforce)
20:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
20:00 hold 3 mug at A until 22:00
20:00 promise of line 1: ships by 2026-11-26, arrives by 2026-12-01
20:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 11-24 00:00 -> send 1001-1 to A
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 5, 2 free
