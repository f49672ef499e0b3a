# The policy may wait: the line is looked at again every hour, and at sources asked before.
policy sourcing.steps [{"name": "anyone", "choose": {"one": {}}, "otherwise": "wait"}]
vendor A has 1 mug
at 09:00 place order 1001: 3 mug
at 10:00 wake
at 10:30 A advises 5 mug
at 11:00 wake
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from nobody (atp_insufficient, wait); not A atp_insufficient has 1
09:00 line 1 waits until 10:00 (atp_insufficient)
10:00 line 1 waits no more
10:00 plan 2 (route_backorder): 3 mug of line 1 from nobody (atp_insufficient, wait); not A atp_insufficient has 1
10:00 line 1 waits until 11:00 (atp_insufficient)
10:30 A has 5 mug
11:00 line 1 waits no more
11:00 plan 3 (route_backorder): 3 mug of line 1 from A, 3.00 USD (anyone)
11:00 hold 3 mug at A until 13:00
11:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
11:00 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 15:00 -> send 1001-1 to A
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 5, 2 free
