# A history is taken in under a name, stays the same, is taken in anew, and let go.
at 09:00 kim keeps history last-quarter of 1000 orders
at 09:01 lee keeps history last-quarter of 1000 orders
at 09:02 lee keeps history last-quarter of 1200 orders
at 09:03 kim keeps history last/quarter of 7 orders
at 09:04 kim removes history last-quarter
at 09:05 kim removes history last-quarter
---
09:00 kim took in the history last-quarter: 1000 orders, 0 of 1000 rows rejected.
09:01 nothing happens
09:02 lee took in the history last-quarter: 1200 orders, 0 of 1200 rows rejected.
09:03 REFUSED invalid-field: a history is named by at most 64 letters, digits and - _ . [/name last/quarter: invalid]
09:04 kim removed the history last-quarter.
09:05 REFUSED invalid-field: there is no history "last-quarter" [/name last-quarter: unknown_history]
