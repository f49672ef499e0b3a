# The vendor counts in packs of two; we count in pieces.
vendor A has 8 mug, packs of 2
at 09:00 place order 1001: 4 mug
at 09:05 A answers 1001-1: accepts 1, rejects 1 (out_of_stock)
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 4 mug of line 1 from A, 2.00 USD (one vendor)
09:00 hold 4 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 4 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:05 A answered for line 1: accepted 2, declined 2, ships by 2026-11-23 (ack_rejected_out_of_stock)
09:05 hold firm: 2 mug at A, 2 given back
09:05 wait: ship notice for 1001-1 due 11-25 00:00
09:05 COMMITTED 2 of line 1 from A (acknowledgment_accepted)
09:05 in time: acknowledgment of A
09:05 give up A for 2 of line 1 (ack_partial_quantity)
09:05 plan 2 (route_next_best): 2 mug of line 1 from nobody (route_no_candidate, ask); not A route_already_tried has 6
09:05 CASE 1001-1 unsourced (high): No source for 2 of mug: No source can supply it. [plan_again, cancel_rest, reroute_to A]
= 1001 line 1: in review, ordered 4, held 2, accepted 2, committed 2
= A mug: advised 8, 6 free
