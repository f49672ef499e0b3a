# Two shipments in one table.
name shipped.csv
file
purchase_order,shipment,line,quantity,carrier,tracking,shipped_at
1001-1,S1,1,2,UPSN,1Z1,2026-11-23T10:00:00-06:00
1001-1,S1,2,1,UPSN,1Z1,2026-11-23T10:00:00-06:00
1002-1,S2,1,1,"FEDEX, HOME",7946 7947,2026-11-23T10:00:00-06:00

---
shipment S1 of 1001-1, left 2026-11-23T16:00:00Z by UPSN, tracking 1Z1
  line 1: 2
  line 2: 1
shipment S2 of 1002-1, left 2026-11-23T16:00:00Z by FEDEX, HOME, tracking 7946 7947
  line 1: 1
