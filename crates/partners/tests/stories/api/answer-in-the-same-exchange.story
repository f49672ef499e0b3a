# A vendor's server answers a purchase order at once; the body says which one, its fields say what it is.
name purchase-orders
file
{"purchase_order": "1001-1", "attempt": 1, "lines": [{"line": "1", "accepted": 2}]}

---
acknowledgment of 1001-1 (line 0), attempt 1
  line 1: accepted 2
