# A person takes the line to B, then finds that there is nowhere else to go.
vendor A has 5 mug
vendor B has 5 mug, costs 9.00
at 09:00 place order 1001: 3 mug
at 09:10 kim reroutes line 1 of 1001 to B
at 09:15 kim reroutes line 1 of 1001 to B
at 09:20 kim reroutes line 1 of 1001
at 09:25 kim reroutes line 1 of 1001 to C
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 give up A for 3 of line 1 (manual_override)
09:10 hold given back: 3 mug at A (manual_override)
09:10 no more waiting: acknowledgment for 1001-1
09:10 ask A to stop 1001-1 (manual_override), answer due 13:10 -> send cancellation of 1001-1 to A
09:10 plan 2 (manual_override): 3 mug of line 1 from B, 27.00 USD (one vendor); 800 % dearer than first planned
09:10 hold 3 mug at B until 11:10
09:10 ask B for 3 mug of line 1 (1001-2 attempt 2), acknowledgment due 13:10 -> send 1001-2 to B
09:15 REFUSED not-now: nothing of line 1 can be moved: it has shipped, is being cancelled, or is there already
09:20 REFUSED not-now: no other source can supply 3 of mug: The source was asked before for this quantity. The line stays where it is.
09:25 REFUSED invalid-field: The source does not offer this item. [/to C: catalog_unknown_offer]
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= B mug: advised 5, 2 free
