# The vendor rejects and thinks better of it while nobody else has it: a later answer replaces the earlier one.
vendor A has 5 mug
at 09:00 place order 1001: 3 mug
at 09:10 A rejects 1001-1 (out_of_stock)
at 09:20 A accepts 1001-1
at 12:00 A ships 1001-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 0, declined 3, ships by 2026-11-23 (ack_rejected_out_of_stock)
09:10 hold given back: 3 mug at A (ack_rejected_out_of_stock)
09:10 in time: acknowledgment of A
09:10 give up A for 3 of line 1 (ack_rejected_out_of_stock)
09:10 plan 2 (route_next_best): 3 mug of line 1 from nobody (route_no_candidate, ask); not A route_already_tried has 5
09:10 CASE 1001-1 unsourced (high): No source for 3 of mug: No source can supply it. [plan_again, cancel_rest, reroute_to A]
09:20 A answered for line 1: accepted 3, ships by 2026-11-23
09:20 hold again and firm 3 mug at A
09:20 wait: ship notice for 1001-1 due 11-25 00:00
09:20 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
09:20 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:20 case 1001-1 closed (settled, by countersign)
12:00 A shipped 3 of line 1 as S1, 1Z-1001-1
12:00 hold used up: 3 at A
12:00 in time: ship notice of A
= 1001 line 1: shipped, ordered 3, accepted 3, committed 3, shipped 3
= A mug: advised 5, 2 free
