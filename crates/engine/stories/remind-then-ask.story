# A reminder first, the same time again, then a person.
vendor A has 5 mug, answers within 60 min then remind
at 09:00 place order 1001: 3 mug
at 10:00 wake
at 11:00 wake
at 11:10 kim resolves 1001-1 wait_longer
at 11:20 A accepts 1001-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 10:00 -> send 1001-1 to A
10:00 TOO LATE: acknowledgment of A, due 10:00
10:00 remind A of 1001-1, due 11:00 -> send reminder of 1001-1 to A
11:00 TOO LATE: acknowledgment of A, due 11:00
11:00 CASE 1001-1 answer_overdue (high): A has not answered 1001-1. [wait_longer, plan_again, cancel_rest]
11:10 case 1001-1 closed (wait_longer, by kim)
11:10 wait: acknowledgment for 1001-1 due 12:10
11:20 A answered for line 1: accepted 3, ships by 2026-11-23
11:20 hold firm: 3 mug at A
11:20 wait: ship notice for 1001-1 due 11-25 00:00
11:20 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
11:20 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
11:20 in time: acknowledgment of A
= 1001 line 1: confirmed, ordered 3, held 3, accepted 3, committed 3
= A mug: advised 5, 2 free
