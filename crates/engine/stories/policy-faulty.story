# What contradicts itself is refused with every place.
vendor A has 5 mug
at 09:00 kim writes policy 3: {"hold_minutes": 0, "sourcing": {"steps": [], "attempts_max": 0}}
---
09:00 REFUSED invalid-field: /sourcing/steps: name at least one step (3 more places) [/sourcing/steps []: name at least one step] [/hold_minutes 0: hold_minutes must be 1 to 525600] [/sourcing/attempts_max 0: attempts_max must be 1 to 100, or a quantity is rerouted without end] [/hold_minutes 0: hold_minutes (0) ends before approvals.within_minutes (120): what a person approves would be gone; make it at least 120]
