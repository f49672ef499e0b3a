# A table sets the clocks: two hours for large quantities, business time; the lists rule the rest.
policy tables [{"name": "patience", "decides": "clocks", "when": ["clock", "quantity"], "then": ["within_minutes", "then", "warn_percent"], "rows": [{"when": ["acknowledgment", ">= 10"], "then": ["480", "ask", "0"], "why": "large orders take longer"}], "otherwise": ["", "", ""]}]
vendor A has 50 mug, answers within 60 min
at 09:00 place order 1001: 10 mug
at 09:01 place order 1002: 9 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 10 mug of line 1 from A, 10.00 USD (one vendor)
09:00 hold 10 mug at A until 11:00
09:00 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:00 ask A for 10 mug of line 1 (1001-1 attempt 1), acknowledgment due 17:00; row 1 of table "patience" says within_minutes 480, then ask, warn_percent 0: large orders take longer -> send 1001-1 to A
09:01 order 1002 captured (enforce)
09:01 plan 1 (order_placed): 9 mug of line 1 from A, 9.00 USD (one vendor)
09:01 hold 9 mug at A until 11:01
09:01 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:01 ask A for 9 mug of line 1 (1002-1 attempt 1), acknowledgment due 10:01 -> send 1002-1 to A
= 1001 line 1: awaiting confirmation, ordered 10, held 10
= 1002 line 1: awaiting confirmation, ordered 9, held 9
= A mug: advised 50, 31 free
