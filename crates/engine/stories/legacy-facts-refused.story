# A fact of the legacy path names a source that is recorded, and a time between the order and now.
policy modes [{"mode": "observe"}]
vendor A has 5 mug
at 09:00 place order 1001: 3 mug
at 09:30 legacy committed 1001 from Z
at 09:31 legacy committed 1001 from A at 08:49
at 09:32 legacy committed 1001 from A at 09:50
at 09:33 legacy committed 1001 from A at 09:35
at 09:34 legacy rejected 2 of 1001 from A
at 09:35 legacy rejected 1001 from A
at 09:36 legacy rejected 1 of 1001 from A
at 09:37 legacy confirmed 1 of 1001 from A
---
09:00 order 1001 captured (observe)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
09:30 REFUSED unknown-source: there is no source "Z": record it first (PUT /v1/sources/Z) [/source Z: catalog_unknown_source]
09:31 REFUSED invalid-field: at 2026-11-23T08:49:00Z: it is before the order was placed (2026-11-23T09:00:00Z): say when it happened [/at 2026-11-23T08:49:00Z: out_of_range]
09:32 REFUSED invalid-field: at 2026-11-23T09:50:00Z: it lies ahead of now (2026-11-23T09:32:00Z): say when it happened [/at 2026-11-23T09:50:00Z: out_of_range]
09:33 legacy committed 3 of line 1: confirmed
09:34 legacy rejected 2 of line 1: confirmed
09:35 legacy rejected 1 of line 1: confirmed
09:36 REFUSED invalid-field: 1 units of line 1 cannot be rejected: 0 of 3 are left for that [/quantity 1: quantity_out_of_range]
09:37 legacy confirmed 1 of line 1: confirmed
= 1001 line 1: confirmed, ordered 3, accepted 1, committed 3
