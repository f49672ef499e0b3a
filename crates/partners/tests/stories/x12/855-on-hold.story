# A line on hold is no answer.
ordered 1: 8 EA of MUG (V-MUG), ship by 2026-11-25, deliver by 2026-11-28
set 855
BAK*00*AC*1001-1*20261123
PO1*1*8*EA*12.50**VP*V-MUG
ACK*IH*8*EA
CTT*1

---
acknowledgment of 1001-1 (line 4)
owed: 997 for group 1: accepted
note ack_on_hold at line 6 ACK01: The partner has the line on hold; this is no answer yet.
warning ack_says_nothing at line 4 BAK02: The answer names no line and decides nothing; the purchase order still waits for an answer.
