# A part has left: it stays; only the rest is given up and asked of the next vendor.
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
11-25 00:00 give up A for 2 of line 1 (sla_breached_ship)
11-25 00:00 no longer committed: 2 of line 1 (sla_breached_ship)
11-25 00:00 hold given back: 2 mug at A (sla_breached_ship)
11-25 00:00 ask A to stop 1001-1 (sla_breached_ship), answer due 11-25 04:00 -> send cancellation of 1001-1 to A
11-25 00:00 plan 2 (sla_breached_ship): 2 mug of line 1 from B, 2.20 USD (one vendor); not A route_already_tried has 2; 10 % dearer than first planned; too late for the promise
11-25 00:00 hold 2 mug at B until 11-25 02:00
11-25 00:00 promise of line 1 revised: ships by 2026-11-25, arrives by 2026-11-30 (sla_breached_ship)
11-25 00:00 ask B for 2 mug of line 1 (1001-2 attempt 2), acknowledgment due 11-25 04:00 -> send 1001-2 to B
= 1001 line 1: awaiting confirmation, ordered 3, held 2, accepted 1, committed 1, shipped 1
= A mug: advised 5, 4 free
= B mug: advised 5, 3 free
