# Written, backtested, approved by a second person, in force at a time, superseded, and in force again.
# The setup puts a policy 2 in force by itself, so this is not the retailer's first.
vendor A has 5 mug
at 09:00 kim writes policy 3: {"hold_minutes": 200}
at 09:01 lee activates policy 3
at 09:02 lee approves policy 3
at 09:03 policy 3 backtested
at 09:04 lee activates policy 3
at 09:05 kim approves policy 3
at 09:06 shop approves policy 3
at 09:07 lee approves policy 3
at 09:08 kim writes policy 3: {"hold_minutes": 300}
at 09:09 kim activates policy 3 at 10:00
at 09:10 the clock strikes
at 09:11 place order 1001: 1 mug
at 10:05 the clock strikes
at 10:06 place order 1002: 1 mug
at 10:10 lee writes policy 4: {"hold_minutes": 400}
at 10:11 policy 4 backtested
at 10:12 lee writes policy 4: {"hold_minutes": 401}
at 10:13 kim approves policy 4
at 10:14 policy 4 backtested
at 10:15 kim approves policy 4
at 10:16 kim activates policy 4
at 10:17 kim activates policy 3
at 10:18 kim activates policy 9
---
09:00 kim wrote policy 3: approvals cost_increase_percent nothing → 20; clocks 0 rules → 1 rule, from rule 1 on; hold_minutes 120 → 200
09:01 REFUSED not-now: policy 3 has no backtest of its present draft: run POST /v1/policies/3/backtest first (life_cycle.backtest of the policy in force asks for it)
09:02 REFUSED not-now: policy 3 has no backtest of its present draft: run POST /v1/policies/3/backtest first (life_cycle.backtest of the policy in force asks for it)
09:03 policy 3 backtested: 1000 orders, 3 of them elsewhere
09:04 REFUSED not-now: policy 3 is not approved: somebody who did not write it has to approve it first (life_cycle.approval of the policy in force asks for it)
09:05 REFUSED forbidden: kim wrote on policy 3: a second person has to approve it
09:06 REFUSED forbidden: only a person may approve a policy: log in, a key is no person
09:07 lee approved policy 3
09:08 REFUSED not-now: policy 3 was approved or in force and is never changed: write version 4 [/version 3: policy_settled]
09:09 policy 3 takes over at 10:00
09:10 nothing happens
09:11 order 1001 captured (enforce)
09:11 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
09:11 hold 1 mug at A until 11:11
09:11 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
09:11 ask A for 1 mug of line 1 (1001-1 attempt 1), acknowledgment due 13:11 -> send 1001-1 to A
10:05 policy 3 in force since 10:00, by kim
10:06 order 1002 captured (enforce)
10:06 plan 1 (order_placed): 1 mug of line 1 from A, 1.00 USD (one vendor)
10:06 hold 1 mug at A until 13:26
10:06 promise of line 1: ships by 2026-11-23, arrives by 2026-11-26
10:06 ask A for 1 mug of line 1 (1002-1 attempt 1), receipt due 11:06, acknowledgment due 14:06 -> send 1002-1 to A
10:10 lee wrote policy 4: hold_minutes 200 → 400
10:11 policy 4 backtested: 1000 orders, 3 of them elsewhere
10:12 lee wrote policy 4: hold_minutes 400 → 401
10:13 REFUSED not-now: policy 4 has no backtest of its present draft: run POST /v1/policies/4/backtest first (life_cycle.backtest of the policy in force asks for it)
10:14 policy 4 backtested: 1000 orders, 3 of them elsewhere
10:15 kim approved policy 4
10:16 policy 4 in force since 10:16, by kim
10:17 policy 3 in force since 10:17, by kim
10:18 REFUSED unknown-policy: there is no policy 9: write it first [/version 9: unknown_policy]
= 1001 line 1: awaiting confirmation, ordered 1, held 1
= 1002 line 1: awaiting confirmation, ordered 1, held 1
= A mug: advised 5, 3 free
