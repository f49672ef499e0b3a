# A server echoes what it created: a receipt, neither an acknowledgment nor advice of stock.
name answer/purchase-orders/1001-1/acknowledgment
file
{"id": 77, "purchase_order": "V-77", "accepted": true,
 "lines": [{"line": "1", "sku": "LAMP-OAK-01", "vendor_sku": "AC-7781", "quantity": 2, "accepted": 0, "rejected": null}]}

---
note document_not_used at line 0: The body answers nothing: it counts as a receipt.
