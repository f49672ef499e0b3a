# One switch returns to the legacy path at once: what is open goes on, what comes in is passed through.
item cup, category kitchen/fragile
vendor A has 5 mug, has 5 cup
at 09:00 place order 1001: 1 mug
at 09:01 kim falls back in kitchen/fragile
at 09:02 kim falls back in kitchen/fragile
at 09:03 place order 1002: 1 cup
at 09:04 place order 1003: 1 mug
at 09:05 kim falls back
at 09:06 place order 1004: 1 mug
at 09:07 A accepts 1001-1
at 09:08 legacy shipped 1001
at 09:09 kim comes back
at 09:10 place order 1005: 1 mug
at 09:11 kim falls back for Z
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
09:00 hold 1 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 1 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:01 switch to the legacy path thrown, 1 stand
09:02 nothing happens
09:03 order 1002 captured (legacy)
09:04 order 1003 captured (enforce)
09:04 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
09:04 hold 1 mug at A until 11:04
09:04 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:04 ask A for 1 mug of line 1 (1003-1 attempt 1), acknowledgment due 13:04 -> send 1003-1 to A
09:05 switch to the legacy path thrown, 2 stand
09:06 order 1004 captured (legacy)
09:07 A answered for line 1: accepted 1, ships by 2026-11-23
09:07 hold firm: 1 mug at A
09:07 wait: ship notice for 1001-1 due 11-25 00:00
09:07 COMMITTED 1 of line 1 from A (acknowledgment_accepted)
09:07 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
09:07 in time: acknowledgment of A
09:08 REFUSED not-now: order 1001 goes by this product, not by the legacy path: what vendors do with it comes in by their channels [/order 1001: not_legacy]
09:09 switch to the legacy path taken back, 0 stand
09:10 order 1005 captured (enforce)
09:10 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
09:10 hold 1 mug at A until 11:10
09:10 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:10 ask A for 1 mug of line 1 (1005-1 attempt 1), acknowledgment due 13:10 -> send 1005-1 to A
09:11 REFUSED unknown-source: The source is not known. [/source Z: catalog_unknown_source]
= 1001 line 1: confirmed, ordered 1, held 1, accepted 1, committed 1
= 1002 line 1: captured, ordered 1
= 1003 line 1: awaiting confirmation, ordered 1, held 1
= 1004 line 1: captured, ordered 1
= 1005 line 1: awaiting confirmation, ordered 1, held 1
= A mug: advised 5, 2 free
