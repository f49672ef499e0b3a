# This vendor's advice takes nothing off before it ships.
policy netting [{"advice_nets": "none"}]
vendor A has 10 mug
at 09:00 place order 1001: 3 mug
at 09:10 A accepts 1001-1
at 09:20 A advises 10 mug as of 09:15
at 09:21 place order 1002: 8 mug
at 09:30 A ships 1001-1: 1 of line 1
at 09:40 A advises 9 mug as of 09:35
at 09:41 place order 1003: 8 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 A answered for line 1: accepted 3, ships by 2026-11-23
09:10 hold firm: 3 mug at A, until it has shipped
09:10 wait: ship notice for 1001-1 due 11-25 00:00
09:10 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
09:10 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:10 in time: acknowledgment of A
09:20 A has 10 mug
09:21 order 1002 captured (enforce)
09:21 plan 1 (order_placed): 8 mug of line 1 from nobody (atp_insufficient, ask); not A atp_insufficient has 7
09:21 CASE 1002-1 unsourced (high): No source for 8 of mug: The source has less than is wanted. [plan_again, cancel_rest, reroute_to A]
09:30 A shipped 1 of line 1 as S1, 1Z-1001-1
09:30 hold given back: 3 mug at A (order_placed)
09:30 hold again and firm 1 mug at A
09:30 hold used up: 1 at A
09:30 hold again and firm 2 mug at A, until it has shipped
09:40 A has 9 mug
09:41 order 1003 captured (enforce)
09:41 plan 1 (order_placed): 8 mug of line 1 from nobody (atp_insufficient, ask); not A atp_insufficient has 7
09:41 CASE 1003-1 unsourced (high): No source for 8 of mug: The source has less than is wanted. [plan_again, cancel_rest, reroute_to A]
= 1001 line 1: confirmed, ordered 3, held 2, accepted 3, committed 3, shipped 1
= 1002 line 1: in review, ordered 8
= 1003 line 1: in review, ordered 8
= A mug: advised 9, 7 free
