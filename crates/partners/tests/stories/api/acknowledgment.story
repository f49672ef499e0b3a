# The acknowledgment of the published contract; a later field that nobody knows yet is kept.
name /vendor/v1/purchase-orders/1001-1/acknowledgment
file
{"attempt": 1, "lines": [{"line": "1", "accepted": 1, "ship_on": "2026-11-24"},
                         {"line": "1", "rejected": 1, "reason": "out_of_stock"},
                         {"line": "2", "substituted": 2, "substitute": {"vendor_sku": "AC-9"}, "colour": "red"}]}

---
acknowledgment of 1001-1 (line 0), attempt 1
  line 1: accepted 1, ships 2026-11-24
  line 1: rejected 1, ack_rejected_out_of_stock
  line 2: substituted 2 by vendor sku AC-9
kept unused: colour x1 in json: "red"
