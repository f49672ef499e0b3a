# A vendor disputes a breach with words and a document; a vendor manager excuses it. The order goes on as it was decided.
vendor A has 5 mug, answers within 60 min, stops within 60 min
vendor B has 5 mug, costs 1.10, answers within 60 min
at 09:00 place order 1001: 3 mug
at 10:00 wake
at 10:30 A contests 1001-1 acknowledgment: your server was down from 09:10 to 10:20 [ticket 4711]
at 10:31 A contests 1001-1 acknowledgment: once more
at 11:00 manager excuses 1001-1 acknowledgment
at 11:01 manager upholds 1001-1 acknowledgment
---
