# A full feed with a faulty line is read as changes: what was left out is not gone.
name /vendor/v1/availability
file
{"feed": "full", "lines": [{"vendor_sku": "AC-7781", "quantity": 12}, {"vendor_sku": "AC-7782", "quantity": "many"}]}

---
advice by Api, changes, as of 2026-11-23T18:00:00Z
  vendor sku AC-7781: 12
error json_field_invalid at line 0 /lines/1/quantity: quantity must be a whole number from 0 to 10000000.
error json_field_missing at line 0 /lines/1/quantity: quantity is missing.
to quarantine
