# What a source or a customer writes back waits for whoever wrote to them, until one of the retailer answers.
vendor A has 5 mug
vendor B has 5 mug
at 09:00 place order 1001: 3 mug
at 09:10 kim writes to source of 1001-1 in 1001 m1
at 09:20 A replies about 1001-1 in 1001 m2 for kim
at 09:21 A replies about 1001-1 in 1001 m2 for kim
at 09:25 A replies about 1001-1 in 1001 m3 for kim
at 09:30 lee writes to source of 1001-1 in 1001 m4
at 09:40 shop writes back as customer of 1001 m5
at 09:50 lee resolves 1001-2 dismiss
at 09:55 B replies about 1001-1 in 1001 m6
at 09:56 A replies about 1001-7 in 1001 m6
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor); not B route_costlier has 5
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:00 -> send 1001-1 to A
09:10 Kim wrote to A about purchase order 1001-1.
09:20 A wrote about purchase order 1001-1.
09:20 CASE 1001-1 vendor_wrote (medium): The vendor wrote about purchase order 1001-1 [dismiss]
09:20 case 1001-1 given to kim
09:21 nothing happens
09:25 A wrote about purchase order 1001-1.
09:30 Lee wrote to A about purchase order 1001-1.
09:30 case 1001-1 closed (settled, by countersign)
09:40 The customer wrote.
09:40 CASE 1001-2 customer_wrote (medium): The customer wrote about order 1001 [dismiss]
09:50 case 1001-2 closed (dismiss, by lee)
09:55 REFUSED unknown-purchase-order: purchase order 1001-1 is not known here: check the number on the order you received [/po 1001-1: edi_unmatched_po]
09:56 REFUSED unknown-purchase-order: purchase order 1001-7 is not known here: check the number on the order you received [/po 1001-7: edi_unmatched_po]
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 5, 2 free
