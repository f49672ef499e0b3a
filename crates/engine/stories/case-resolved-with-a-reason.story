# A case is resolved with one of the codes that people give, and words; what is cancelled then is cancelled for that reason.
vendor A has 0 mug
at 09:00 place order 1001: 3 mug
at 09:05 kim resolves 1001-1 cancel_rest (sla_breached_ship): no code of a person's
at 09:10 kim resolves 1001-1 cancel_rest (fraud): the card was stolen
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from nobody (atp_insufficient, ask); not A atp_insufficient has 0
09:00 CASE 1001-1 unsourced (high): No source for 3 of mug: The source has less than is wanted. [plan_again, cancel_rest, reroute_to A]
09:05 REFUSED invalid-field: sla_breached_ship is no reason of a person's: use one of cancel_customer, cancel_vendor, cancel_no_source, cancel_fraud, manual_override, manual_hold, manual_release [/reason sla_breached_ship: not_given]
09:10 case 1001-1 closed (cancel_rest, by kim; cancel_fraud): the card was stolen
09:10 line 1 is to be cancelled (cancel_fraud)
09:10 3 of line 1 CANCELLED (cancel_fraud)
= 1001 line 1: cancelled, ordered 3, cancelled 3
