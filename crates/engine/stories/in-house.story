# No vendor has enough: our own centre supplies it.
vendor A has 1 mug
dc D has 9 mug, costs 3.00
at 09:00 place order 1001: 3 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from D, 9.00 USD (our own centre); not A atp_insufficient has 1
09:00 hold 3 mug at D until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask D for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to D
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= D mug: advised 9, 6 free
