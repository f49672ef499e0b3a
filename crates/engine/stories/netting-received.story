# This vendor's advice takes off what it has received: the hold must not be taken off a second time before it answers.
policy netting [{"advice_nets": "received"}]
vendor A has 10 mug
at 09:00 place order 1001: 3 mug
at 09:05 A received 1001-1
at 09:20 A advises 7 mug as of 09:15
at 09:21 place order 1002: 7 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:05 A has received 1001-1
09:05 hold firm: 3 mug at A
09:20 A has 7 mug
09:21 order 1002 captured (enforce)
09:21 plan 1 (order_placed): 7 mug of line 1 from A, 7.00 USD (one vendor)
09:21 hold 7 mug at A until 11:21
09:21 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:21 ask A for 7 mug of line 1 (1002-1 attempt 1), acknowledgment due 13:21 -> send 1002-1 to A
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= 1002 line 1: awaiting confirmation, ordered 7, held 7
= A mug: advised 7, 0 free
