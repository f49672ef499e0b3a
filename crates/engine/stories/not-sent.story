# The connector gave up: somebody in IT mends the connection and sends it again under the same number.
vendor A has 5 mug
at 09:00 place order 1001: 3 mug
at 09:10 1001-1 not sent
at 09:30 kim resolves 1001-1 send_again
at 09:31 1001-1 sent
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 CASE 1001-1 delivery_failed (high): 1001-1 could not be delivered to A: connection refused [send_again, source_has_it, plan_again, cancel_rest]
09:30 case 1001-1 closed (send_again, by kim) -> send 1001-1 to A again
09:30 wait: acknowledgment for 1001-1 due 13:30
09:31 1001-1 sent
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 5, 2 free
