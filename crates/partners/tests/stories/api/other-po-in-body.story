# Path and body must speak of the same purchase order.
name purchase-orders/1001-1/receipt
file
{"purchase_order": "1002-1"}

---
error edi_unmatched_po at line 0 /purchase_order: The body is about purchase order 1002-1, the path about 1001-1; nothing was changed.
to quarantine
