# What the legacy path did with a watched order: committed, confirmed, a part cancelled, shipped, delivered. Doubles and
# what cannot be are told apart; an enforced order has no legacy path.
policy modes [{"mode": "observe", "percent": 50}, {"mode": "legacy"}]
vendor A has 5 mug
at 09:00 place order 1003: 3 mug
at 09:01 legacy committed 1003 from B by 2026-11-27
at 09:02 legacy committed 1003 from B by 2026-11-27
at 11:00 legacy confirmed 2 of 1003 from B as X1
at 11:01 legacy confirmed 2 of 1003 from B as X1
at 12:00 legacy cancelled 1 of 1003 (vendor) as X2
at 13:00 legacy shipped 1003
at 13:01 legacy shipped 1 of 1003
at 14:00 legacy delivered 1003
at 14:01 legacy cancelled 9999
at 15:00 place order 1004: 1 mug
at 15:01 legacy committed 1004 from A
at 15:02 legacy cancelled 1004 (customer)
---
