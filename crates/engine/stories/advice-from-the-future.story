# A source's clock runs ahead: its figure is true now at the latest, so that holds count and true figures replace it.
vendor A has 5 mug
at 09:00 A advises 5 mug as of 15:00
at 09:01 place order 1001: 5 mug
at 09:02 A accepts 1001-1
at 09:03 place order 1002: 5 mug
at 09:05 A advises 0 mug
---
09:00 A has 5 mug
09:01 order 1001 captured (enforce)
09:01 plan 1 (order_placed): 5 mug of line 1 from A, 5.00 USD (one vendor)
09:01 hold 5 mug at A until 11:01
09:01 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:01 ask A for 5 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:01 -> send 1001-1 to A
09:02 A answered for line 1: accepted 5, ships by 2026-11-23
09:02 hold firm: 5 mug at A
09:02 wait: ship notice for 1001-1 due 11-25 00:00
09:02 COMMITTED 5 of line 1 from A (acknowledgment_accepted)
09:02 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:02 in time: acknowledgment of A
09:03 order 1002 captured (enforce)
09:03 plan 1 (order_placed): 5 mug of line 1 from nobody (atp_insufficient, ask); not A atp_insufficient has 0
09:03 CASE 1002-1 unsourced (high): No source for 5 of mug: The source has less than is wanted. [plan_again, cancel_rest, reroute_to A]
09:05 A has 0 mug
= 1001 line 1: confirmed, ordered 5, held 5, accepted 5, committed 5
= 1002 line 1: in review, ordered 5
