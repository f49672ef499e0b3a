# To come back from the legacy path for everything is to come back from every narrower switch too; a narrower one cannot be
# taken back while a wider one stands.
vendor A has 5 mug
vendor B has 5 mug
at 09:00 kim falls back for A
at 09:01 kim falls back for A in kitchen/fragile
at 09:02 kim falls back for B
at 09:03 kim comes back for A
at 09:04 kim falls back
at 09:05 kim comes back for A
at 09:06 kim comes back in kitchen
at 09:07 kim comes back
at 09:08 kim comes back
at 09:09 place order 1001: 1 mug
---
09:00 switch to the legacy path thrown, 1 stand
09:01 switch to the legacy path thrown, 2 stand
09:02 switch to the legacy path thrown, 3 stand
09:03 switch to the legacy path taken back, 1 stand
09:04 switch to the legacy path thrown, 2 stand
09:05 REFUSED not-now: the switch stands for everything, of which A is a part: come back for everything, then throw it again for what is to stay on the legacy path
09:06 REFUSED not-now: the switch stands for everything, of which kitchen is a part: come back for everything, then throw it again for what is to stay on the legacy path
09:07 switch to the legacy path taken back, 0 stand
09:08 nothing happens
09:09 order 1001 captured (enforce)
09:09 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor); not B route_costlier has 5
09:09 hold 1 mug at A until 11:09
09:09 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:09 ask A for 1 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:09 -> send 1001-1 to A
= 1001 line 1: awaiting confirmation, ordered 1, held 1
= A mug: advised 5, 4 free
