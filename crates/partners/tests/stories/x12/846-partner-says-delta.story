# BIA01 says 00, the agreement says that this partner sends changes.
settings {"feed": "delta", "item_ids": {"SK": "vendor_sku"}}
set 846
BIA*00*SI*INV1*20261123*0600
LIN**SK*A-1
QTY*33*3*EA
CTT*1

---
advice by X12, changes, as of 2026-11-23T12:00:00Z
  vendor sku A-1: 3 EA
owed: 997 for group 1: accepted
