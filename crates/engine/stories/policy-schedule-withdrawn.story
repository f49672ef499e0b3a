# A rollback is not undone by what was to take over: whoever wants a version now no longer wants what was scheduled.
# The takeover can be withdrawn as such; scheduling the version in force, or for a time past, is refused.
policy life_cycle.backtest never
policy life_cycle.approval never
vendor A has 5 mug
at 09:00 kim writes policy 3: {"name": "third", "life_cycle": {"backtest": "never", "approval": "never"}}
at 09:00 kim writes policy 4: {"name": "fourth", "life_cycle": {"backtest": "never", "approval": "never"}}
at 09:00 kim writes policy 5: {"name": "fifth", "life_cycle": {"backtest": "never", "approval": "never"}}
at 09:01 kim activates policy 3 at 09:30
at 09:02 kim activates policy 4
at 09:03 kim activates policy 5
at 09:35 the clock strikes
at 09:36 kim activates policy 3 at 10:00
at 09:37 lee activates policy 5
at 10:05 the clock strikes
at 10:06 lee activates policy 5
at 10:07 lee activates policy 5 at 11:00
at 10:08 lee activates policy 3 at 10:00
at 10:10 kim activates policy 3 at 11:00
at 10:11 kim activates policy 4 at 11:30
at 10:12 lee unschedules policy 3
at 10:13 lee unschedules policy 4
at 11:35 the clock strikes
at 11:40 kim activates policy 3 at 12:00
at 11:41 kim activates policy 3
at 12:05 the clock strikes
---
09:00 kim wrote policy 3: approvals cost_increase_percent nothing → 20; clocks 0 rules → 1 rule, from rule 1 on; name as delivered → third
09:00 kim wrote policy 4: approvals cost_increase_percent nothing → 20; clocks 0 rules → 1 rule, from rule 1 on; name as delivered → fourth
09:00 kim wrote policy 5: approvals cost_increase_percent nothing → 20; clocks 0 rules → 1 rule, from rule 1 on; name as delivered → fifth
09:01 policy 3 takes over at 09:30
09:02 kim withdrew the takeover of policy 3 at 2026-11-23 09:30:00 UTC, for policy 4.
09:02 policy 4 in force since 09:02, by kim
09:03 policy 5 in force since 09:03, by kim
09:35 nothing happens
09:36 policy 3 takes over at 10:00
09:37 lee withdrew the takeover of policy 3 at 2026-11-23 10:00:00 UTC, for policy 5.
10:05 nothing happens
10:06 nothing happens
10:07 REFUSED not-now: policy 5 is in force already, it cannot take over later: schedule another version
10:08 REFUSED invalid-field: 2026-11-23T10:00:00Z is past: name an instant to come, or leave `at` out to put policy 3 in force at once [/at 2026-11-23T10:00:00Z: past]
10:10 policy 3 takes over at 11:00
10:11 kim withdrew the takeover of policy 3 at 2026-11-23 11:00:00 UTC, for policy 4.
10:11 policy 4 takes over at 11:30
10:12 REFUSED not-now: policy 3 is not scheduled to take over: there is nothing to withdraw
10:13 lee withdrew the takeover of policy 4 at 2026-11-23 11:30:00 UTC.
11:35 nothing happens
11:40 policy 3 takes over at 12:00
11:41 policy 3 in force since 11:41, by kim
12:05 nothing happens
