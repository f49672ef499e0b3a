# A number that we could not have made is told, and the file goes to quarantine.
set 855
BAK*00*AC*PO 77 12*20261123
PO1*1*8*EA*12.50**VP*V-MUG
ACK*IA*8*EA
CTT*1

---
owed: 997 for group 1: accepted
error edi_unmatched_po at line 4 BAK03: The document names no purchase order of ours: purchase order number "PO 77 12" is not valid: use letters, digits and - _ . : # @ & ( ) = , ; ! $ [ ] { } | only: no spaces, no EDI delimiters.
to quarantine
