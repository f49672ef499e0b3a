# Amounts of different currencies are not compared: who costs the customer's currency comes first, and a person decides
# whether the other one may cost what it costs.
vendor A has 5 mug, costs 9.00
vendor B has 5 mug, costs 2.00 EUR
policy approvals.cost_increase_percent 20
at 09:00 place order 1001: 3 mug
at 09:10 A rejects 1001-1 (out_of_stock)
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 27.00 USD (one vendor); not B route_other_currency has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 0, declined 3, ships by 2026-11-23 (ack_rejected_out_of_stock)
09:10 hold given back: 3 mug at A (ack_rejected_out_of_stock)
09:10 in time: acknowledgment of A
09:10 give up A for 3 of line 1 (ack_rejected_out_of_stock)
09:10 plan 2 (route_next_best): 3 mug of line 1 from B, 6.00 EUR (one vendor); not A route_already_tried has 5
09:10 hold 3 mug at B until 11:10
09:10 APPROVAL 1001-1 cost increase asked until 11:10 (approval_other_currency)
= 1001 line 1: in review, ordered 3, held 3
= B mug: advised 5, 2 free
