# Accepted and not shipped by the end of the promised day and a day more.
vendor A has 5 mug, ships within 24 h then ask
at 09:00 place order 1001: 3 mug
at 09:10 A accepts 1001-1
at 2026-11-25 00:00 wake
at 2026-11-25 08:00 A ships 1001-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 3, ships by 2026-11-23
09:10 hold firm: 3 mug at A
09:10 wait: ship notice for 1001-1 due 11-25 00:00
09:10 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
09:10 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:10 in time: acknowledgment of A
11-25 00:00 TOO LATE: ship notice of A, due 11-25 00:00
11-25 00:00 CASE 1001-1 shipment_overdue (high): A accepted 1001-1 and has not shipped. [wait_longer, plan_again, cancel_rest]
11-25 08:00 A shipped 3 of line 1 as S1, 1Z-1001-1
11-25 08:00 hold used up: 3 at A
11-25 08:00 case 1001-1 closed (settled, by countersign)
= 1001 line 1: shipped, ordered 3, accepted 3, committed 3, shipped 3
= A mug: advised 5, 2 free
