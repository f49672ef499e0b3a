# Below the vendor's minimum.
vendor A has 8 mug, minimum 4
at 09:00 place order 1001: 3 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from nobody (route_no_candidate, ask); not A catalog_below_minimum has 8
09:00 CASE 1001-1 unsourced (high): No source for 3 of mug: No source can supply it. [plan_again, cancel_rest, reroute_to A]
= 1001 line 1: in review, ordered 3
