# No whole number of packs: found before anything is sent.
vendor A has 8 mug, packs of 2
at 09:00 place order 1001: 3 mug
---
09:00 order 1001 captured (enforce)
09:00 plan 1 (order_placed): 3 mug of line 1 from nobody (catalog_pack_mismatch, ask); not A catalog_pack_mismatch has 8
09:00 CASE 1001-1 catalog_mismatch (high): No source for 3 of mug: The quantity is no whole number of the source's packs. (pack.base_units: A 2) [plan_again, cancel_rest, reroute_to A]
= 1001 line 1: in review, ordered 3
