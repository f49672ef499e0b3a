# A split is reserved for a person; stock stays held meanwhile.
policy approvals.split always
vendor A has 2 mug
vendor B has 1 mug
at 09:00 place order 1001: 3 mug
at 09:10 kim approves 1001-1: the customer takes two parcels
at 09:20 kim approves 1001-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 2 mug of line 1 from A, 2.00 USD (split); 1 mug of line 1 from B, 1.00 USD (split)
09:00 hold 2 mug at A until 11:00
09:00 hold 1 mug at B until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 APPROVAL 1001-1 split asked until 11:00 (approval_split)
09:10 approval 1001-1 approved (the customer takes two parcels)
09:10 ask A for 2 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:10 -> send 1001-1 to A
09:10 ask B for 1 mug of line 1 (1001-2 attempt 1), acknowledgment due 13:10 -> send 1001-2 to B
09:20 REFUSED not-now: approval 1001-1 was answered before: read it again
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 2, 0 free
= B mug: advised 1, 0 free
