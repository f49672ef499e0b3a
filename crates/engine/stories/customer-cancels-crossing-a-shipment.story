# The cancellation crosses the parcel: it cannot be cancelled any more, a person is told the tracking number.
vendor A has 5 mug
at 09:00 place order 1001: 3 mug
at 09:02 A accepts 1001-1
at 09:05 customer cancels 1001
at 09:06 A ships 1001-1 tracking 1Z-GONE
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:02 A answered for line 1: accepted 3, ships by 2026-11-23
09:02 hold firm: 3 mug at A
09:02 wait: ship notice for 1001-1 due 11-25 00:00
09:02 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
09:02 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:02 in time: acknowledgment of A
09:05 line 1 is to be cancelled (cancel_customer)
09:05 no longer committed: 3 of line 1 (cancel_customer)
09:05 hold given back: 3 mug at A (cancel_customer)
09:05 no more waiting: ship notice for 1001-1
09:05 ask A to stop 1001-1 (cancel_customer), answer due 13:05 -> send cancellation of 1001-1 to A
09:06 A shipped 3 of line 1 as S1, 1Z-GONE
09:06 in time: cancel answer of A
09:06 CASE 1001-1 shipped_after_cancel (high): A shipped 3 of line 1 after it had been asked to stop. Tracking: 1Z-GONE. [dismiss]
09:06 line 1 cannot be cancelled (cancel_late)
09:06 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
= 1001 line 1: shipped, ordered 3, accepted 3, committed 3, shipped 3
