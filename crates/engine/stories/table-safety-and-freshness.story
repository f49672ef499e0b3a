# Old advice and safety stock by table: a quarter is kept back of advice older than an hour, stale ones are left out.
policy tables [{"name": "buffer", "decides": "safety_stock", "when": ["advice_age_minutes"], "then": ["percent"], "rows": [{"when": ["> 60"], "then": ["25"]}], "otherwise": ["0"]}, {"name": "fresh", "decides": "freshness", "when": ["vendor"], "then": ["stale_after_minutes", "stale"], "rows": [{"when": ["B"], "then": ["90", "exclude"]}], "otherwise": ["", ""]}]
advised at 07:30
vendor A has 8 mug
vendor B has 100 mug
at 08:00 place order 1001: 8 mug
at 09:10 place order 1002: 1 mug
---
08:00 order 1001 captured (enforce)
08:00 plan 1 (order_placed): 8 mug of line 1 from A, 8.00 USD (one vendor); not B route_costlier has 100
08:00 hold 8 mug at A until 10:00
08:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
08:00 ask A for 8 mug of line 1 (1001-1 attempt 1), acknowledgment due 12:00 -> send 1001-1 to A
09:10 order 1002 captured (enforce)
09:10 plan 1 (order_placed): 1 mug of line 1 from nobody (route_no_candidate, ask); not A atp_insufficient has 0, B atp_stale has 75; A keeps 2 back; B keeps 25 back
09:10 CASE 1002-1 unsourced (high): No source for 1 of mug: No source can supply it. [plan_again, cancel_rest, reroute_to A, reroute_to B]
= 1001 line 1: awaiting confirmation, ordered 8, held 8
= 1002 line 1: in review, ordered 1
= A mug: advised 8, 0 free
