# A case that nobody takes goes up the ladder.
vendor A has 1 mug
at 09:00 place order 1001: 3 mug
at 17:00 wake
at 18:00 wake
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from nobody (atp_insufficient, ask); not A atp_insufficient has 1
09:00 CASE 1001-1 unsourced (high): No source for 3 of mug: The source has less than is wanted. [plan_again, cancel_rest, reroute_to A]
17:00 case 1001-1 goes up to vendor manager, now critical
18:00 case 1001-1 goes up to vendor manager, now critical
= 1001 line 1: in review, ordered 3
