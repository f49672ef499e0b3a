# The vendor ships a back-order before the receipt's day: the receipt is not sold a second time.
vendor A has 0 mug, gets 5 on 2026-12-01
at 09:00 place order 1001: 3 mug
at 09:10 A accepts 1001-1
at 10:00 A ships 1001-1
at 10:10 place order 1002: 3 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A received on 2026-12-01, 3.00 USD (wait for announced supply)
09:00 hold 3 mug at A of the receipt of 2026-12-01 until 11:00
09:00 promise of line 1: ships by 2026-12-01, arrives by 2026-12-04
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 3, ships by 2026-12-01
09:10 hold firm: 3 mug at A
09:10 wait: ship notice for 1001-1 due 12-03 00:00
09:10 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
09:10 promise of line 1 confirmed: ships by 2026-12-01, arrives by 2026-12-04
09:10 in time: acknowledgment of A
10:00 A shipped 3 of line 1 as S1, 1Z-1001-1
10:00 hold used up: 3 at A
10:00 in time: ship notice of A
10:10 order 1002 captured (enforce)
10:10 plan 1 (order_placed): 3 mug of line 1 from nobody (atp_insufficient, ask); not A atp_insufficient has 0
10:10 CASE 1002-1 unsourced (high): No source for 3 of mug: The source has less than is wanted. [plan_again, cancel_rest, reroute_to A]
= 1001 line 1: shipped, ordered 3, accepted 3, committed 3, shipped 3
= 1002 line 1: in review, ordered 3
