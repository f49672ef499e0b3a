# Answers and one order that cannot be.
name answers.csv
file
purchase_order,line,accepted,rejected,reason,ship_on
1001-1,1,2,,,2026-11-24
1001-1,2,0,3,out of stock,
bad po,1,1,,,

---
acknowledgment of 1001-1 (line 2)
  line 1: accepted 2, ships 2026-11-24
  line 2: rejected 3, ack_rejected_out_of_stock
error edi_unmatched_po at line 4 purchase_order01: Purchase order number "bad po" is not valid: use letters, digits and - _ . : # @ & ( ) = , ; ! $ [ ] { } | only: no spaces, no EDI delimiters.
to quarantine
