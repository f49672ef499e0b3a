# The policy refuses what cannot be promised: all or nothing, over several lines of one item.
policy sourcing.steps [{"name": "anyone", "choose": {"one": {}}, "otherwise": "refuse"}]
vendor A has 3 mug
at 09:00 place order 1001: 2 mug, 2 mug
at 09:01 place order 1002: 2 mug, 1 mug
at 09:02 place order 1003: 1 mug
---
09:00 REFUSED sold-out: not enough can be promised, and the policy refuses then [/lines/1/quantity 2: atp_insufficient]
09:01 order 1002 captured (enforce)
09:01 plan 1 (order_placed): 2 mug of line 1 from A, 2.00 USD (anyone); 1 mug of line 2 from A, 1.00 USD (anyone)
09:01 hold 2 mug at A until 11:01
09:01 hold 1 mug at A until 11:01
09:01 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:01 promise of line 2: ships by 2026-11-23, arrives by 2026-11-26
09:01 ask A for 2 mug of line 1, 1 mug of line 2 (1002-1 attempt 1), acknowledgment due 13:01 -> send 1002-1 to A
09:02 REFUSED sold-out: not enough can be promised, and the policy refuses then [/lines/0/quantity 1: atp_insufficient]
= 1002 line 1: awaiting confirmation, ordered 2, held 2
= 1002 line 2: awaiting confirmation, ordered 1, held 1
= A mug: advised 3, 0 free
