# A partner has reason codes of his own.
settings {"reasons": {"77": "ack_rejected_discontinued"}}
set 855
BAK*00*AC*1001-1*20261123
PO1*1*8*EA*12.50**VP*V-MUG
ACK*IR*8*EA************************ZZ*RC*77
PO1*2*8*EA*12.50**VP*V-CUP
ACK*R4
CTT*2

---
acknowledgment of 1001-1 (line 4)
  line 1: rejected 8 EA, ack_rejected_discontinued
  line 2: rejected 8 EA, ack_rejected_out_of_stock
owed: 997 for group 1: accepted
