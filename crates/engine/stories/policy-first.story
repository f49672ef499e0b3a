# The retailer's first policy takes the place of the policy as delivered: nothing to backtest against, nobody to ask.
policy as delivered
at 09:00 kim writes policy 2: {"hold_minutes": 200}
at 09:01 kim activates policy 2
at 09:02 kim writes policy 3
at 09:03 kim activates policy 3
---
09:00 kim wrote policy 2: hold_minutes 120 → 200
09:01 policy 2 in force since 09:01, by kim
09:02 kim wrote policy 3: hold_minutes 200 → 120
09:03 REFUSED not-now: policy 3 has no backtest of its present draft: run POST /v1/policies/3/backtest first (life_cycle.backtest of the policy in force asks for it)
