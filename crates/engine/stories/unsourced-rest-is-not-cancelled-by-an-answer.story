# Two of three have a vendor, one has none and a person is asked about it. The vendor accepts its two: that says nothing
# about the third.
policy answers.rest cancel
policy sourcing.steps [{"name": "anyone", "choose": {"one": {}}, "otherwise": "next"}, {"name": "split", "choose": {"split": {"sources_max": 2}}, "otherwise": "ask"}]
vendor A has 2 mug
vendor B has 1 mug
at 09:00 place order 1001: 3 mug
at 09:10 A rejects 1001-1 (out_of_stock)
at 09:20 B accepts 1001-2
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 2 mug of line 1 from A, 2.00 USD (split); 1 mug of line 1 from B, 1.00 USD (split)
09:00 hold 2 mug at A until 11:00
09:00 hold 1 mug at B until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 2 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:00 ask B for 1 mug of line 1 (1001-2 attempt 1), acknowledgment due 13:00 -> send 1001-2 to B
09:10 A answered for line 1: accepted 0, declined 2, ships by 2026-11-23 (ack_rejected_out_of_stock)
09:10 hold given back: 2 mug at A (ack_rejected_out_of_stock)
09:10 in time: acknowledgment of A
09:10 give up A for 2 of line 1 (ack_rejected_out_of_stock)
09:10 plan 2 (route_next_best): 2 mug of line 1 from nobody (route_no_candidate, ask); not A route_already_tried has 2, B atp_insufficient has 0
09:10 CASE 1001-1 unsourced (high): No source for 2 of mug: No source can supply it. [plan_again, cancel_rest, reroute_to A, reroute_to B]
09:20 B answered for line 1: accepted 1, ships by 2026-11-23
09:20 hold firm: 1 mug at B
09:20 wait: ship notice for 1001-2 due 11-25 00:00
09:20 COMMITTED 1 of line 1 from B (acknowledgment_accepted)
09:20 in time: acknowledgment of B
= 1001 line 1: in review, ordered 3, held 1, accepted 1, committed 1
= B mug: advised 1, 0 free
