# A full feed makes what it does not list unavailable, and confirms what it lists unchanged.
policy freshness [{"stale_after_minutes": 60, "stale": "exclude"}]
vendor A has 5 mug, has 5 jug
at 09:30 A advises 5 mug absent jug as of 09:29 in full
at 10:20 A advises 5 mug absent jug as of 10:19 in full
at 11:00 place order 1001: 1 mug, 1 jug
---
09:30 A has 5 mug, 0 jug
09:30 full feed of A as of 09:29
10:20 full feed of A as of 10:19
11:00 order 1001 captured (enforce)
11:00 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor); 1 jug of line 2 from nobody (atp_insufficient, ask); not A atp_insufficient has 0
11:00 hold 1 mug at A until 13:00
11:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
11:00 CASE 1001-1 unsourced (high): No source for 1 of jug: The source has less than is wanted. [plan_again, cancel_rest, reroute_to A]
11:00 ask A for 1 mug of line 1 (1001-1 attempt 1), acknowledgment due 15:00 -> send 1001-1 to A
= 1001 line 1: awaiting confirmation, ordered 1, held 1
= 1001 line 2: in review, ordered 1
= A mug: advised 5, 4 free
