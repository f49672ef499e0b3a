# A cancellation costs three lost sales: of a source that often declines large shares, only what it surely has is promised.
policy safety_stock [{"costs": {"cancellation": {"amount": "30", "currency": "USD"}, "lost_sale": {"amount": "10", "currency": "USD"}}}]
vendor A has 20 mug, costs 1.00
at 08:08 learnt: A accepted 990 of 1000 30 min after advising 10 %
at 08:09 learnt: A accepted 985 of 1000 30 min after advising 25 %
at 08:10 learnt: A accepted 196 of 200 30 min after advising 50 %
at 08:11 learnt: A accepted 80 of 200 30 min after advising 75 %
at 08:12 learnt: A accepted 60 of 200 30 min after advising 100 %
at 08:30 place order 1001: 12 mug
at 08:31 place order 1002: 3 mug
---
08:08 1000 more answers of sources were counted. (up to 1000)
08:09 1000 more answers of sources were counted. (up to 2000)
08:10 200 more answers of sources were counted. (up to 2200)
08:11 200 more answers of sources were counted. (up to 2400)
08:12 200 more answers of sources were counted. (up to 2600)
08:30 order 1001 captured (enforce)
08:30 plan 1 (order_placed): 12 mug of line 1 from nobody (atp_insufficient, ask); not A atp_insufficient has 10; A 41.6 % (accepted 80 of 200 when advice was less than 1 h old and 50 to 75 % of it was wanted; in all 2311 of 2600); A keeps 10 back
08:30 CASE 1001-1 unsourced (high): No source for 12 of mug: The source has less than is wanted. [plan_again, cancel_rest, reroute_to A]
08:31 order 1002 captured (enforce)
08:31 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); A 98.4 % (accepted 985 of 1000 when advice was less than 1 h old and 10 to 25 % of it was wanted; in all 2311 of 2600); A keeps 10 back
08:31 hold 3 mug at A until 10:31
08:31 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
08:31 ask A for 3 mug of line 1 (1002-1 attempt 1), acknowledgment due 12:31 -> send 1002-1 to A
= 1001 line 1: in review, ordered 12
= 1002 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 20, 17 free
