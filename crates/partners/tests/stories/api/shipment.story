# A ship notice.
name purchase-orders/1001-1/shipments
file
{"shipment": "S-88", "shipped_at": "2026-11-23T10:00:00-06:00", "carrier": "UPSN", "tracking": ["1Z1", "1Z2"],
 "lines": [{"line": "1", "quantity": 1}]}

---
shipment S-88 of 1001-1, left 2026-11-23T16:00:00Z by UPSN, tracking 1Z1 1Z2
  line 1: 1
