# The receipt arrives before the vendor has answered: the units stay held, however often it advises.
vendor A has 0 mug, gets 5 on 2026-12-01
at 09:00 place order 1001: 5 mug
at 2026-12-01 08:00 A advises 5 mug
at 2026-12-01 08:10 A advises 5 mug
at 2026-12-01 09:00 place order 1002: 5 mug
at 2026-12-01 09:10 A accepts 1001-1
at 2026-12-01 09:20 place order 1003: 1 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 5 mug of line 1 from A received on 2026-12-01, 5.00 USD (wait for announced supply)
09:00 hold 5 mug at A of the receipt of 2026-12-01 until 11:00
09:00 promise of line 1: ships by 2026-12-01, arrives by 2026-12-04
09:00 ask A for 5 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
12-01 08:00 A has 5 mug
12-01 08:10 A has 5 mug
12-01 09:00 order 1002 captured (enforce)
12-01 09:00 plan 1 (order_placed): 5 mug of line 1 from nobody (atp_insufficient, ask); not A atp_insufficient has 0
12-01 09:00 CASE 1002-1 unsourced (high): No source for 5 of mug: The source has less than is wanted. [plan_again, cancel_rest, reroute_to A]
12-01 09:10 A answered for line 1: accepted 5, ships by 2026-12-01
12-01 09:10 hold firm: 5 mug at A
12-01 09:10 wait: ship notice for 1001-1 due 12-03 00:00
12-01 09:10 COMMITTED 5 of line 1 from A (acknowledgment_accepted)
12-01 09:10 promise of line 1 confirmed: ships by 2026-12-01, arrives by 2026-12-04
12-01 09:10 TOO LATE: acknowledgment of A, due 13:00
12-01 09:20 order 1003 captured (enforce)
12-01 09:20 plan 1 (order_placed): 1 mug of line 1 from nobody (atp_insufficient, ask); not A atp_insufficient has 0
12-01 09:20 CASE 1003-1 unsourced (high): No source for 1 of mug: The source has less than is wanted. [plan_again, cancel_rest, reroute_to A]
= 1001 line 1: confirmed, ordered 5, held 5, accepted 5, committed 5
= 1002 line 1: in review, ordered 5
= 1003 line 1: in review, ordered 1
= A mug: advised 5, 0 free
