# Accepted for a day two years ahead is not accepted: nobody means that day, a person is asked.
vendor A has 5 mug
at 09:00 place order 1001: 3 mug
at 09:10 A answers 1001-1: accepts 3 on 2028-11-01
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 0, ships by 2026-11-23 (ack_backordered)
09:10 CASE 1001-1 date_broken (high): A put 3 of line 1 on back-order without a date we can promise. [plan_again, wait_longer, cancel_rest]
09:10 in time: acknowledgment of A
= 1001 line 1: in review, ordered 3, held 3
= A mug: advised 5, 2 free
