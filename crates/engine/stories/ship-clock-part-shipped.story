# A part has left: the rest is asked about, not taken away.
vendor A has 5 mug, ships within 24 h then reroute
vendor B has 5 mug, costs 1.10
at 09:00 place order 1001: 3 mug
at 09:10 A accepts 1001-1
at 10:00 A ships 1001-1: 1 of line 1
at 2026-11-25 00:00 wake
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 3, ships by 2026-11-23
09:10 hold firm: 3 mug at A
09:10 wait: ship notice for 1001-1 due 11-25 00:00
09:10 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
09:10 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:10 in time: acknowledgment of A
10:00 A shipped 1 of line 1 as S1, 1Z-1001-1
10:00 hold used up: 1 at A
11-25 00:00 TOO LATE: ship notice of A, due 11-25 00:00
11-25 00:00 CASE 1001-1 shipment_overdue (high): A accepted 1001-1 and has not shipped. [wait_longer, plan_again, cancel_rest]
= 1001 line 1: confirmed, ordered 3, held 2, accepted 3, committed 3, shipped 1
= A mug: advised 5, 2 free
