# A draft may name a source that only a kept history knows, to be tried on that history; it rules once the source is recorded.
policy as delivered
vendor A has 5 mug
at 09:00 kim writes policy 2 as histories know Z: {"modes": [{"source": "Z", "mode": "observe"}]}
at 09:01 kim activates policy 2
at 09:02 kim writes policy 2 as histories know Z: {"modes": [{"source": "Y", "mode": "observe"}]}
at 09:03 kim writes policy 2 as histories know A: {"modes": [{"source": "A", "mode": "observe"}]}
at 09:04 kim activates policy 2
---
09:00 kim wrote policy 2: modes 0 rules → 1 rule, from rule 1 on
09:01 REFUSED invalid-field: /modes/0/source: there is no source "Z": record it first (PUT /v1/sources/Z), or write the id of one that there is [/modes/0/source Z: there is no source "Z": record it first (PUT /v1/sources/Z), or write the id of one that there is]
09:02 REFUSED invalid-field: /modes/0/source: there is no source "Y": record it first (PUT /v1/sources/Y), or write the id of one that there is [/modes/0/source Y: there is no source "Y": record it first (PUT /v1/sources/Y), or write the id of one that there is]
09:03 kim wrote policy 2: modes 1 source Z → A
09:04 policy 2 in force since 09:04, by kim
