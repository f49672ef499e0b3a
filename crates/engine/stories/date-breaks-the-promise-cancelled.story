# The person may also cancel: the customer is told once the vendor has stopped.
policy answers.later_date ask
vendor A has 5 mug
at 09:00 place order 1001: 3 mug
at 09:10 A accepts 1001-1 on 2026-11-27
at 09:30 kim resolves 1001-1 cancel_rest
at 09:40 A stops 1001-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 3, ships by 2026-11-27
09:10 hold firm: 3 mug at A
09:10 wait: ship notice for 1001-1 due 11-29 00:00
09:10 CASE 1001-1 date_broken (high): A ships line 1 on 2026-11-27, too late for the promise. [accept_date, plan_again, cancel_rest]
09:10 in time: acknowledgment of A
09:30 case 1001-1 closed (cancel_rest, by kim)
09:30 hold given back: 3 mug at A (manual_override)
09:30 no more waiting: ship notice for 1001-1
09:30 ask A to stop 1001-1 (manual_override), answer due 13:30 -> send cancellation of 1001-1 to A
09:30 line 1 is to be cancelled (cancel_no_source)
09:40 A stops 1001-1
09:40 A is out for 3 of line 1 (manual_override)
09:40 3 of line 1 CANCELLED (cancel_no_source)
09:40 in time: cancel answer of A
= 1001 line 1: cancelled, ordered 3, cancelled 3
