# In `recommend` a person releases each act: also giving a silent vendor up, and a later date.
policy modes [{"mode": "recommend"}]
vendor A has 5 mug, answers within 60 min
vendor B has 5 mug, costs 2.00
at 09:00 place order 1001: 3 mug
at 09:05 kim approves 1001-1
at 10:05 wake
at 10:10 kim resolves 1001-1 plan_again
at 10:15 kim approves 1001-2
at 10:20 B accepts 1001-2 on 2026-12-20
---
