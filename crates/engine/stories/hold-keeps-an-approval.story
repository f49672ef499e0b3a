# Approved while on hold: released when the hold ends, without asking a second time.
policy modes [{"mode": "recommend"}]
vendor A has 5 mug
at 09:00 place order 1001: 3 mug
at 09:05 kim holds 1001
at 09:10 kim approves 1001-1
at 09:20 kim releases 1001
---
09:00 order 1001 captured (recommend)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 APPROVAL 1001-1 release asked until 11:00 (approval_recommend)
09:05 order 1001 on hold
09:10 approval 1001-1 approved
09:20 order 1001 off hold
09:20 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:20 -> send 1001-1 to A
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 5, 2 free
