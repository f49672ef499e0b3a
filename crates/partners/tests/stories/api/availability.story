# Availability of several items.
name /vendor/v1/availability
file
{"as_of": "2026-11-23T09:00:00-06:00", "feed": "full",
 "lines": [{"vendor_sku": "AC-7781", "quantity": 12, "unit": "EA", "incoming": [{"on": "2026-12-01", "quantity": 40}]},
           {"sku": "MUG", "discontinued": true}]}

---
advice by Api, full feed, as of 2026-11-23T15:00:00Z
  vendor sku AC-7781: 12 EA, 40 on 2026-12-01
  sku MUG: 0, discontinued
