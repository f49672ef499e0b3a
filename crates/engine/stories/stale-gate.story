# Old advice may be used to ask, not to commit.
policy modes [{"mode": "enforce", "commit_on": "availability"}]
policy freshness [{"stale_after_minutes": 60, "stale": "gate"}]
vendor A has 5 mug
at 09:01 place order 1001: 3 mug
---
09:01 order 1001 captured (enforce)
09:01 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:01 hold 3 mug at A until 11:01
09:01 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:01 ask A for 3 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:01 -> send 1001-1 to A
= 1001 line 1: awaiting confirmation, ordered 3, held 3
= A mug: advised 5, 2 free
