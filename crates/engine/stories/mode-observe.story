# Decides beside the legacy path, holds nothing, asks nobody.
policy modes [{"mode": "observe"}]
vendor A has 5 mug
at 09:00 place order 1001: 3 mug
---
09:00 order 1001 captured (observe)
09:00 plan 1 (order_placed): 3 mug of line 1 from A, 3.00 USD (one vendor)
= 1001 line 1: captured, ordered 3
