# People are warned once, before it is too late.
vendor A has 5 mug, answers within 60 min warned then ask
at 09:00 place order 1001: 3 mug
at 09:45 wake
at 09:46 wake
at 10:00 wake
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 10:00 -> send 1001-1 to A
09:45 nearly due: acknowledgment of A for 1001-1, 10:00
09:46 nothing happens
10:00 TOO LATE: acknowledgment of A, due 10:00
10:00 CASE 1001-1 answer_overdue (high): A has not answered 1001-1. [wait_longer, plan_again, cancel_rest]
= 1001 line 1: in review, ordered 3, held 3
= A mug: advised 5, 2 free
