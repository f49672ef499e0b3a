# No 997 comes: somebody in IT is asked; sending again gives the vendor its time again.
vendor A has 5 mug, receives within 30 min then ask, answers within 60 min
at 09:00 place order 1001: 2 mug
at 09:30 wake
at 09:40 kim resolves 1001-1 send_again
at 09:45 A received 1001-1
at 10:00 wake
at 10:20 A accepts 1001-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 2 mug of line 1 from A, 2.00 USD (one vendor)
09:00 hold 2 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 2 mug of line 1 (1001-1 attempt 1), receipt due 09:30, acknowledgment due 10:00 -> send 1001-1 to A
09:30 TOO LATE: receipt of A, due 09:30
09:30 CASE 1001-1 receipt_overdue (medium): A has not confirmed that it has 1001-1. [send_again, source_has_it, wait_longer, plan_again]
09:40 case 1001-1 closed (send_again, by kim) -> send 1001-1 to A again
09:40 wait: receipt for 1001-1 due 10:10
09:40 wait: acknowledgment for 1001-1 due 10:40
09:45 A has received 1001-1
09:45 in time: receipt of A
10:00 nothing happens
10:20 A answered for line 1: accepted 2, ships by 2026-11-23
10:20 hold firm: 2 mug at A
10:20 wait: ship notice for 1001-1 due 11-25 00:00
10:20 COMMITTED 2 of line 1 from A (acknowledgment_accepted)
10:20 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
10:20 in time: acknowledgment of A
= 1001 line 1: confirmed, ordered 2, held 2, accepted 2, committed 2
= A mug: advised 5, 3 free
