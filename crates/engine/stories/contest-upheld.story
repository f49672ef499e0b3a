# A vendor disputes a breach that it has, not one that it has not; no other vendor can. The case's own remedy answers it.
vendor A has 5 mug, answers within 60 min, stops within 60 min
vendor B has 5 mug, costs 1.10, answers within 60 min
at 09:00 place order 1001: 3 mug
at 10:00 wake
at 10:30 A contests 1001-1 ship_notice: we never got it
at 10:31 B contests 1001-1 acknowledgment: they are always late
at 10:32 A contests 1001-1 acknowledgment: we never got it
at 11:00 manager upholds 1001-1 acknowledgment
---
