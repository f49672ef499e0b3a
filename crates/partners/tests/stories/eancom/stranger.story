# A file for somebody else is not read.
settings {"sender": {"qualifier": "14", "id": "4000001000005"}}
set CONTRL:D:3:UN
UCI+12+4012345000009:14+4098765000002:14+7

---
error edi_unknown_partner at line 2 UNB: The interchange goes from "4098765000002" to "4012345000009"; the agreement says from "4098765000002" to "4000001000005". It was not read.
to quarantine
