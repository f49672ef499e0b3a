# Nobody has enough alone.
vendor A has 2 mug
vendor B has 2 mug
dc D has 1 mug
at 09:00 place order 1001: 3 mug
at 09:10 A accepts 1001-1
at 09:11 B accepts 1001-2
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 2 mug of line 1 from A, 2.00 USD (split); 1 mug of line 1 from B, 1.00 USD (split); not D atp_insufficient has 1
09:00 hold 2 mug at A until 11:00
09:00 hold 1 mug at B until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 2 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:00 ask B for 1 mug of line 1 (1001-2 attempt 1), acknowledgment due 13:00 -> send 1001-2 to B
09:10 A answered for line 1: accepted 2, ships by 2026-11-23
09:10 hold firm: 2 mug at A
09:10 wait: ship notice for 1001-1 due 11-25 00:00
09:10 COMMITTED 2 of line 1 from A (acknowledgment_accepted)
09:10 in time: acknowledgment of A
09:11 B answered for line 1: accepted 1, ships by 2026-11-23
09:11 hold firm: 1 mug at B
09:11 wait: ship notice for 1001-2 due 11-25 00:00
09:11 COMMITTED 1 of line 1 from B (acknowledgment_accepted)
09:11 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:11 in time: acknowledgment of B
= 1001 line 1: confirmed, ordered 3, held 3, accepted 3, committed 3
= A mug: advised 2, 0 free
= B mug: advised 2, 1 free
