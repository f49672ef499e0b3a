# Numbers we never gave, and numbers of others: the vendor learns nothing from either.
vendor A has 9 mug
vendor B has 1 mug
at 09:00 place order 1001: 3 mug
at 09:05 B accepts 1001-1
at 09:06 A accepts 1001-7
at 09:07 A accepts 9999-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B atp_insufficient has 1
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:05 REFUSED unknown-purchase-order: purchase order 1001-1 is not known here: check the number on the order you received [/po 1001-1: edi_unmatched_po]
09:06 REFUSED unknown-purchase-order: purchase order 1001-7 is not known here: check the number on the order you received [/po 1001-7: edi_unmatched_po]
09:07 REFUSED unknown-purchase-order: purchase order 9999-1 is not known here: check the number on the order you received [/po 9999-1: edi_unmatched_po]
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 9, 6 free
