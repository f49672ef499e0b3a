# Customer service writes to the customer and to the source of a purchase order: once, however often it is asked for.
vendor A has 5 mug
at 09:00 place order 1001: 3 mug
at 09:10 kim writes to customer of 1001 m1
at 09:11 kim writes to customer of 1001 m1
at 09:12 kim writes to source of 1001-1 in 1001 m2
at 09:13 kim writes to source of 1001-7 in 1001 m3
at 09:14 kim writes to source of 1002-1 in 1001 m3
at 09:15 kim writes to customer of 1002 m1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 Kim wrote to the customer.
09:11 nothing happens
09:12 Kim wrote to A about purchase order 1001-1.
09:13 REFUSED unknown-purchase-order: purchase order 1001-7 is not known here: check the number on the order you received [/po 1001-7: edi_unmatched_po]
09:14 REFUSED unknown-purchase-order: 1002-1 is no purchase order of order 1001: name one of its own [/po 1002-1: unknown_purchase_order]
09:15 REFUSED unknown-order: order 1002 is not known here [/order 1002: unknown_order]
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 5, 2 free
