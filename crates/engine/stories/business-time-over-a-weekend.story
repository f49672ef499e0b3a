# Two business hours from Friday 16:00 end on Monday at 10:00, in the vendor's zone.
advised at 2026-11-20 08:00
policy freshness [{"stale_after_minutes": 10000}]
vendor A has 5 mug, zone America/Chicago, open 09:00 to 17:00, answers within 2 h business then remind
at 2026-11-20 22:00 place order 1001: 3 mug
at 2026-11-21 00:00 wake
at 2026-11-23 16:00 wake
---
11-20 22:00 order 1001 captured (enforce)
11-20 22:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
11-20 22:00 hold 3 mug at A until 11-21 00:00
11-20 22:00 promise of line 1: ships by 2026-11-20, arrives by 2026-11-25
11-20 22:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 16:00 -> send 1001-1 to A
11-21 00:00 nothing happens
16:00 TOO LATE: acknowledgment of A, due 16:00
16:00 remind A of 1001-1, due 18:00 -> send reminder of 1001-1 to A
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 5, 2 free
