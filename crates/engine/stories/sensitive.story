# A sensitive category never commits without an acknowledgment, whatever the mode says.
item cup, category kitchen/fragile
policy sensitive ["kitchen/fragile"]
policy modes [{"mode": "enforce", "commit_on": "availability"}]
vendor A has 5 mug, has 5 cup
at 09:00 place order 1001: 3 mug, 1 cup
at 09:10 A accepts 1001-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); 1 cup of line 2 from A, 1.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 hold 1 cup at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 promise of line 2: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1, 1 cup of line 2 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:00 COMMITTED 3 of line 1 from A (commit_on_availability)
09:00 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:10 A answered for line 1: accepted 3, ships by 2026-11-23
09:10 hold firm: 3 mug at A
09:10 wait: ship notice for 1001-1 due 11-25 00:00
09:10 A answered for line 2: accepted 1, ships by 2026-11-23
09:10 hold firm: 1 cup at A
09:10 COMMITTED 1 of line 2 from A (acknowledgment_accepted)
09:10 promise of line 2 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:10 in time: acknowledgment of A
= 1001 line 1: confirmed, ordered 3, held 3, accepted 3, committed 3
= 1001 line 2: confirmed, ordered 1, held 1, accepted 1, committed 1
= A cup: advised 5, 4 free
= A mug: advised 5, 2 free
