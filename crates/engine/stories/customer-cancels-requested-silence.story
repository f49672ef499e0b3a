# The vendor is silent: the customer is told when the clock has run out, and somebody asks the vendor.
vendor A has 5 mug, stops within 60 min
at 09:00 place order 1001: 3 mug
at 09:05 customer cancels 1001
at 10:05 wake
at 10:30 A refuses to stop 1001-1
at 11:00 A ships 1001-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:05 line 1 is to be cancelled (cancel_customer)
09:05 hold given back: 3 mug at A (cancel_customer)
09:05 no more waiting: acknowledgment for 1001-1
09:05 ask A to stop 1001-1 (cancel_customer), answer due 10:05 -> send cancellation of 1001-1 to A
10:05 TOO LATE: cancel answer of A, due 10:05
10:05 CASE 1001-1 cancel_overdue (high): A has not said whether it stops 1001-1. [source_will_not_ship, keep_source, wait_longer]
10:05 3 of line 1 CANCELLED (cancel_customer)
10:30 A does not stop 1001-1
10:30 A is kept for 3 of line 1
10:30 hold again and firm 3 mug at A
10:30 wait: ship notice for 1001-1 due 11-25 00:00
10:30 CASE 1001-2 cannot_withdraw (high): A refused to cancel 3 of line 1: it ships them. [dismiss]
10:30 case 1001-1 closed (settled, by countersign)
11:00 A shipped 3 of line 1 as S1, 1Z-1001-1
11:00 hold used up: 3 at A
11:00 in time: ship notice of A
= 1001 line 1: cancelled, ordered 3, accepted 3, shipped 3, cancelled 3
= A mug: advised 5, 2 free
