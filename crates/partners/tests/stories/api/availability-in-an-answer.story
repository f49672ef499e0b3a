# Nothing but the answer to the paper is taken from an answer.
name answer/purchase-orders/1001-1/acknowledgment
file
[{"document": "availability", "lines": [{"vendor_sku": "AC-7781", "quantity": 2}]}, 7]

---
note document_not_used at line 0 /0: The body answers nothing: it counts as a receipt.
