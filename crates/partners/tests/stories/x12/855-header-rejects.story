# RJ without lines rejects everything; the partner's own reason stands in a reference.
ordered 1: 8 EA of MUG (V-MUG), ship by 2026-11-25, deliver by 2026-11-28
set 855
BAK*00*RJ*1001-1*20261123

---
acknowledgment of 1001-1 (line 4)
  line 1: rejected 8, ack_rejected_other
owed: 997 for group 1: accepted
