# Rule: a receipt stops the receipt clock and nothing else; it proves nothing about stock.
vendor A has 5 mug, receives within 30 min then ask, answers within 60 min
at 09:00 place order 1001: 2 mug
at 09:10 A received 1001-1
at 09:30 wake
at 10:00 wake
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 2 mug of line 1 from A, 2.00 USD (one vendor)
09:00 hold 2 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 2 mug of line 1 (1001-1 attempt 1), receipt due 09:30, acknowledgment due 10:00 -> send 1001-1 to A
09:10 A has received 1001-1
09:10 in time: receipt of A
09:30 nothing happens
10:00 TOO LATE: acknowledgment of A, due 10:00
10:00 CASE 1001-1 answer_overdue (high): A has not answered 1001-1. [wait_longer, plan_again, cancel_rest]
= 1001 line 1: in review, ordered 2, held 2
= A mug: advised 5, 3 free
