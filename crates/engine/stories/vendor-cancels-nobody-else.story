# The vendor cancels what it had accepted and nobody else has it: the promise is no longer confirmed.
vendor A has 5 mug
at 09:00 place order 1001: 3 mug
at 09:10 A accepts 1001-1
at 09:20 A cancels 1001-1
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
09:20 no longer committed: 3 of line 1 (cancel_vendor)
09:20 hold given back: 3 mug at A (cancel_vendor)
09:20 A is out for 3 of line 1 (cancel_vendor)
09:20 give up A for 3 of line 1 (cancel_vendor)
09:20 CASE 1001-1 vendor_cancelled (medium): A cancelled 3 of line 1 after it had accepted. [dismiss, plan_again, cancel_rest]
09:20 no more waiting: ship notice for 1001-1
09:20 plan 2 (route_next_best): 3 mug of line 1 from nobody (route_no_candidate, ask); not A route_already_tried has 5
09:20 promise of line 1 revised: ships by 2026-11-23, arrives by 2026-11-26 (route_no_candidate)
09:20 CASE 1001-2 unsourced (high): No source for 3 of mug: No source can supply it. [plan_again, cancel_rest, reroute_to A]
= 1001 line 1: in review, ordered 3
