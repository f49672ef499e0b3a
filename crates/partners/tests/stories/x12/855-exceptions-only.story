# AE names the exceptions; lines that are not named are accepted.
ordered 1: 8 EA of MUG (V-MUG), ship by 2026-11-25, deliver by 2026-11-28
ordered 2: 5 EA of CUP (V-CUP), ship by 2026-11-25, deliver by 2026-11-28
set 855
BAK*00*AE*1001-1*20261123
PO1*2*5*EA*12.50**VP*V-CUP
ACK*R2
CTT*1

---
acknowledgment of 1001-1 (line 4)
  line 2: rejected 5 EA, ack_rejected_unknown_item
  line 1: accepted 8
owed: 997 for group 1: accepted
