# The vendor says by phone that it has the order.
vendor A has 5 mug, receives within 30 min then ask
at 09:00 place order 1001: 3 mug
at 09:10 1001-1 in doubt
at 09:20 kim resolves 1001-1 source_has_it
at 09:30 wake
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), receipt due 09:30, acknowledgment due 13:00 -> send 1001-1 to A
09:10 CASE 1001-1 in_doubt (high): It is unknown whether A has 1001-1 (the reply was lost). It is not sent again before somebody has asked. [source_has_it, send_again, plan_again]
09:20 case 1001-1 closed (source_has_it, by kim)
09:20 A has received 1001-1
09:20 in time: receipt of A
09:30 nothing happens
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 5, 2 free
