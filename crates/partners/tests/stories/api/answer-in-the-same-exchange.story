# A vendor's server answers a purchase order at once, exactly as the published contract has it: the exchange says which one.
name answer/purchase-orders/1001-1/acknowledgment
file
{"lines": [{"line": "1", "accepted": 2}]}

---
acknowledgment of 1001-1 (line 0)
  line 1: accepted 2
