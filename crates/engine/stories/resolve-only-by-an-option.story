# A case is resolved by one of its options, once.
vendor A has 1 mug
at 09:00 place order 1001: 3 mug
at 09:10 kim resolves 1001-1 dismiss
at 09:11 kim resolves 1001-1 cancel_rest
at 09:12 kim resolves 1001-1 cancel_rest
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from nobody (atp_insufficient, ask); not A atp_insufficient has 1
09:00 CASE 1001-1 unsourced (high): No source for 3 of mug: The source has less than is wanted. [plan_again, cancel_rest, reroute_to A]
09:10 REFUSED not-now: this case cannot be resolved that way: choose one of its options (3) [/remedy Dismiss: not_an_option]
09:11 case 1001-1 closed (cancel_rest, by kim)
09:11 line 1 is to be cancelled (cancel_no_source)
09:11 3 of line 1 CANCELLED (cancel_no_source)
09:12 REFUSED not-now: case 1001-1 is resolved already: read it again
= 1001 line 1: cancelled, ordered 3, cancelled 3
