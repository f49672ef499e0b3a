# A backtest counts for the draft that it was of, and only if it replayed orders.
vendor A has 5 mug
at 09:00 kim writes policy 3: {"hold_minutes": 200}
at 09:01 kim writes policy 3: {"hold_minutes": 300}
at 09:02 policy 3 draft 1 backtested
at 09:03 lee approves policy 3
at 09:04 policy 3 backtested on 0 orders
at 09:05 policy 3 draft 2 backtested
at 09:06 lee approves policy 3
---
09:00 kim wrote policy 3: approvals cost_increase_percent nothing → 20; clocks 0 rules → 1 rule, from rule 1 on; hold_minutes 120 → 200
09:01 kim wrote policy 3: hold_minutes 200 → 300
09:02 REFUSED stale: policy 3 was changed meanwhile: this is about draft 1, it is at draft 2; run the backtest again [/revision 1: stale]
09:03 REFUSED not-now: policy 3 has no backtest of its present draft: run POST /v1/policies/3/backtest first (life_cycle.backtest of the policy in force asks for it)
09:04 REFUSED invalid-field: the backtest of policy 3 replayed no order, so it says nothing: run it over a history that has orders (GET /v1/histories), or over the journal once orders came in [/figures/orders 0: no_orders]
09:05 policy 3 backtested: 1000 orders, 3 of them elsewhere
09:06 lee approved policy 3
