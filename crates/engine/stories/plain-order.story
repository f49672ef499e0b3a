# The plain case: nothing is committed before the vendor has accepted; dates come from cut-off and working days.
vendor A has 5 mug, zone America/Chicago, cut-off 14:00, handles in 1 days
at 15:05 place order 1001: 2 mug
at 15:06 1001-1 sent and received
at 15:30 A accepts 1001-1
at 2026-11-24 22:00 A ships 1001-1
at 2026-11-27 16:00 1001-1 S1 delivered
---
15:05 order 1001 captured (enforce)
15:05 plan 1 (order_placed): 2 mug of line 1 from A, 2.00 USD (one vendor)
15:05 hold 2 mug at A until 17:05
15:05 promise of line 1: ships by 2026-11-24, arrives by 2026-11-27
15:05 ask A for 2 mug of line 1 (1001-1 attempt 1), acknowledgment due 19:05 -> send 1001-1 to A
15:06 1001-1 sent
15:06 A has received 1001-1
15:30 A answered for line 1: accepted 2, ships by 2026-11-24
15:30 hold firm: 2 mug at A
15:30 wait: ship notice for 1001-1 due 11-26 06:00
15:30 COMMITTED 2 of line 1 from A (acknowledgment_accepted)
15:30 promise of line 1 confirmed: ships by 2026-11-24, arrives by 2026-11-27
15:30 in time: acknowledgment of A
11-24 22:00 A shipped 2 of line 1 as S1, 1Z-1001-1
11-24 22:00 hold used up: 2 at A
11-24 22:00 in time: ship notice of A
11-27 16:00 S1 delivered
= 1001 line 1: delivered, ordered 2, accepted 2, committed 2, shipped 2
= A mug: advised 5, 3 free
