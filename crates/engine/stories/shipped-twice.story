# The same notice twice has one effect; the same number with other content is a case.
vendor A has 5 mug
at 09:00 place order 1001: 3 mug
at 09:05 A accepts 1001-1
at 09:10 A ships 1001-1: 1 of line 1
at 09:10 A ships 1001-1: 1 of line 1
at 09:20 A ships 1001-1 as S1 tracking 1Z-OTHER
at 09:30 A ships 1001-1 as S2: 2 of line 1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:05 A answered for line 1: accepted 3, ships by 2026-11-23
09:05 hold firm: 3 mug at A
09:05 wait: ship notice for 1001-1 due 11-25 00:00
09:05 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
09:05 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:05 in time: acknowledgment of A
09:10 A shipped 1 of line 1 as S1, 1Z-1001-1
09:10 hold used up: 1 at A
09:10 nothing happens
09:20 CASE 1001-1 answer_mismatch (medium): Shipment S1 of 1001-1 was notified twice with other content; the first counts. [dismiss]
09:30 A shipped 2 of line 1 as S2, 1Z-1001-1
09:30 hold used up: 2 at A
09:30 in time: ship notice of A
= 1001 line 1: shipped, ordered 3, accepted 3, committed 3, shipped 3
= A mug: advised 5, 2 free
