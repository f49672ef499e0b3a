# The vendor's machine rejects the document; mended and sent again, the vendor has its full time.
vendor A has 5 mug, receives within 30 min then ask, answers within 60 min
at 09:00 place order 1001: 3 mug
at 09:10 A cannot read 1001-1
at 09:50 kim resolves 1001-1 send_again
at 09:55 A received 1001-1
at 10:10 wake
at 10:20 A accepts 1001-1
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:00 hold 3 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 3 mug of line 1 (1001-1 attempt 1), receipt due 09:30, acknowledgment due 10:00 -> send 1001-1 to A
09:10 CASE 1001-1 document_rejected (high): The system of A rejected 1001-1: segment PO1, element 02 is missing [send_again, plan_again, cancel_rest]
09:50 case 1001-1 closed (send_again, by kim) -> send 1001-1 to A again
09:50 wait: receipt for 1001-1 due 10:20
09:50 wait: acknowledgment for 1001-1 due 10:50
09:55 A has received 1001-1
09:55 in time: receipt of A
10:10 nothing happens
10:20 A answered for line 1: accepted 3, ships by 2026-11-23
10:20 hold firm: 3 mug at A
10:20 wait: ship notice for 1001-1 due 11-25 00:00
10:20 COMMITTED 3 of line 1 from A (acknowledgment_accepted)
10:20 promise of line 1 confirmed: ships by 2026-11-23, arrives by 2026-11-26
10:20 in time: acknowledgment of A
= 1001 line 1: confirmed, ordered 3, held 3, accepted 3, committed 3
= A mug: advised 5, 2 free
