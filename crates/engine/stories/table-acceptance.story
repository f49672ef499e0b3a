# Who took back too often is passed over while others are surer; the decision says what its chance rests on.
policy tables [{"name": "surely", "decides": "sourcing", "hit": "first", "when": ["acceptance_percent"], "then": ["exclude"], "rows": [{"when": ["< 70"], "then": ["yes"], "why": "seldom keeps its word"}], "otherwise": [""]}]
vendor A has 20 mug, costs 1.00
vendor B has 20 mug, costs 2.00
at 08:00 place order 1001: 2 mug
at 08:10 learnt: A accepted 30 of 60 30 min after advising 10 %
at 08:11 learnt: B accepted 118 of 120 30 min after advising 10 %
at 08:12 place order 1002: 2 mug
---
08:00 order 1001 captured (enforce)
08:00 plan 1 (order_placed): 2 mug of line 1 from A, 2.00 USD (one vendor); not B route_costlier has 20
08:00 hold 2 mug at A until 10:00
08:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
08:00 ask A for 2 mug of line 1 (1001-1 attempt 1), acknowledgment due 12:00 -> send 1001-1 to A
08:10 60 more answers of sources were counted. (up to 60)
08:11 120 more answers of sources were counted. (up to 180)
08:12 order 1002 captured (enforce)
08:12 plan 1 (order_placed): 2 mug of line 1 from B, 4.00 USD (one vendor); not A route_excluded has 18; row 1 of table "surely" says exclude yes: seldom keeps its word; A 44.7 % (accepted 30 of 60 when advice was less than 1 h old; all sources in kitchen 148 of 180); B 98.9 % (accepted 118 of 120 when advice was less than 1 h old and at most 10 % of it was wanted; all sources in kitchen 148 of 180)
08:12 hold 2 mug at B until 10:12
08:12 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
08:12 ask B for 2 mug of line 1 (1002-1 attempt 1), acknowledgment due 12:12 -> send 1002-1 to B
= 1001 line 1: awaiting confirmation, ordered 2, held 2
= 1002 line 1: awaiting confirmation, ordered 2, held 2
= A mug: advised 20, 18 free
= B mug: advised 20, 18 free
