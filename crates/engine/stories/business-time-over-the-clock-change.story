# The vendor's hour is lost on 8 March 2026: the due time is 10:00 there, an hour earlier in UTC.
advised at 2026-03-06 08:00
policy freshness [{"stale_after_minutes": 10000}]
vendor A has 5 mug, zone America/Chicago, open 09:00 to 17:00, answers within 2 h business then ask
at 2026-03-06 22:00 place order 1001: 3 mug
---
03-06 22:00 order 1001 captured (enforce)
03-06 22:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
03-06 22:00 hold 3 mug at A until 03-07 00:00
03-06 22:00 promise of line 1: ships by 2026-03-06, arrives by 2026-03-11
03-06 22:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 03-09 15:00 -> send 1001-1 to A
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 5, 2 free
