# IQ accepts fewer; what is missing is rejected, even where the partner echoes his own quantity in PO1.
ordered 1: 8 EA of MUG (V-MUG), ship by 2026-11-25, deliver by 2026-11-28
ordered 2: 5 EA of CUP (V-CUP), ship by 2026-11-25, deliver by 2026-11-28
set 855
BAK*00*AC*1001-1*20261123
PO1*1*8*EA*12.50**VP*V-MUG
ACK*IQ*6*EA*067*20261201
PO1*2*3*EA*12.50**VP*V-CUP
ACK*IQ*3*EA
CTT*2

---
acknowledgment of 1001-1 (line 4)
  line 1: accepted 6 EA, ships 2026-11-28
  line 1: rejected 2, ack_partial_quantity
  line 2: accepted 3 EA
  line 2: rejected 2, ack_partial_quantity
owed: 997 for group 1: accepted
