# The way back to the policy as delivered is a rollback like any other; it is never changed, and what follows it is no first
# policy any more.
policy as delivered
vendor A has 5 mug
at 09:00 kim activates policy 1
at 09:01 kim writes policy 2: {"hold_minutes": 200}
at 09:02 kim activates policy 2
at 09:03 place order 1001: 1 mug
at 09:04 kim writes policy 1: {"hold_minutes": 300}
at 09:05 kim activates policy 1
at 09:06 place order 1002: 1 mug
at 09:07 kim activates policy 2
at 09:08 kim activates policy 1 at 10:00
at 10:00 the clock strikes
at 10:01 place order 1003: 1 mug
at 10:02 kim writes policy 1: {"hold_minutes": 300}
at 10:03 kim writes policy 3: {"hold_minutes": 300}
at 10:04 kim activates policy 3
---
09:00 nothing happens
09:01 kim wrote policy 2: hold_minutes 120 → 200
09:02 policy 2 in force since 09:02, by kim
09:03 order 1001 captured (enforce)
09:03 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
09:03 hold 1 mug at A until 12:23
09:03 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:03 ask A for 1 mug of line 1 (1001-1 attempt 1), receipt due 10:03, acknowledgment due 13:03 -> send 1001-1 to A
09:04 REFUSED not-now: policy 1 was approved or in force and is never changed: write version 3 [/version 1: policy_settled]
09:05 policy 1 in force since 09:05, by kim
09:06 order 1002 captured (enforce)
09:06 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
09:06 hold 1 mug at A until 11:06
09:06 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:06 ask A for 1 mug of line 1 (1002-1 attempt 1), receipt due 10:06, acknowledgment due 13:06 -> send 1002-1 to A
09:07 policy 2 in force since 09:07, by kim
09:08 policy 1 takes over at 10:00
10:00 policy 1 in force since 10:00, by kim
10:01 order 1003 captured (enforce)
10:01 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
10:01 hold 1 mug at A until 12:01
10:01 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
10:01 ask A for 1 mug of line 1 (1003-1 attempt 1), receipt due 11:01, acknowledgment due 14:01 -> send 1003-1 to A
10:02 REFUSED not-now: policy 1 was approved or in force and is never changed: write version 3 [/version 1: policy_settled]
10:03 kim wrote policy 3: hold_minutes 120 → 300
10:04 REFUSED not-now: policy 3 has no backtest of its present draft: run POST /v1/policies/3/backtest first (life_cycle.backtest of the policy in force asks for it)
= 1001 line 1: awaiting confirmation, ordered 1, held 1
= 1002 line 1: awaiting confirmation, ordered 1, held 1
= 1003 line 1: awaiting confirmation, ordered 1, held 1
= A mug: advised 5, 2 free
