# What the legacy path did with a watched order: committed, confirmed, a part cancelled, shipped, delivered. Doubles and
# what cannot be are told apart; an enforced order has no legacy path.
policy modes [{"mode": "observe", "percent": 50}, {"mode": "legacy"}]
vendor A has 5 mug
vendor B has 5 mug
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
09:00 order 1003 captured (legacy)
09:01 legacy committed 3 of line 1: confirmed
09:02 nothing happens
11:00 legacy confirmed 2 of line 1: confirmed
11:01 nothing happens
12:00 legacy cancelled 1 of line 1: confirmed
13:00 legacy shipped 2 of line 1: shipped
13:01 REFUSED invalid-field: 1 units of line 1 cannot be shipped: 0 of 3 are left for that [/quantity 1: quantity_out_of_range]
14:00 legacy delivered 2 of line 1: delivered
14:01 REFUSED unknown-order: order 9999 is not known here [/order 9999: unknown_order]
15:00 order 1004 captured (legacy)
15:01 legacy committed 1 of line 1: confirmed
15:02 legacy cancelled 1 of line 1: cancelled
= 1003 line 1: delivered, ordered 3, accepted 1, committed 2, shipped 2, cancelled 1
= 1004 line 1: cancelled, ordered 1, cancelled 1
