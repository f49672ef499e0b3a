# A file from somebody else is not read.
settings {"receiver": {"qualifier": "ZZ", "id": "OTHER"}}
set 855
BAK*00*AT*1001-1*20261123

---
error edi_unknown_partner at line 1 ISA: The interchange goes from "ACME" to "RETAILER"; the agreement says from "OTHER" to "RETAILER". It was not read.
to quarantine
