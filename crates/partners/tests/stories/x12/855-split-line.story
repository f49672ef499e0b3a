# Several answers split a line: four come, three later, one substitute is offered, the rest never comes.
ordered 1: 10 EA of MUG (V-MUG), ship by 2026-11-25, deliver by 2026-11-28
set 855
BAK*00*AC*1001-1*20261123****SO-77
REF*ZZ*ATTEMPT-2
PO1*1*10*EA*3.10**VN*V-MUG*SK*MUG
ACK*IA*4*EA*068*20261125
ACK*IB*3*EA*068*20261210
ACK*IS*1*EA****VN*V-MUG-B
PO1*2*5*EA*3.10**VN*V-CUP
ACK*IR*0*EA************************ZZ*RC*out_of_stock
CTT*2

---
acknowledgment of 1001-1 (line 4), attempt 2, vendor order SO-77
  line 1: accepted 4 EA, ships 2026-11-25
  line 1: backordered 3 EA, ships 2026-12-10, ack_backordered
  line 1: substituted 1 EA by vendor sku V-MUG-B, ack_substitution
  line 1: rejected 2, ack_partial_quantity
  line 2: rejected 5 EA, ack_rejected_out_of_stock
owed: 997 for group 1: accepted
