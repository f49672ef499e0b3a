# The partner's application refuses our order.
set APERAK:D:96A:UN
BGM+305+A1+9
DTM+137:20261123:102
RFF+ACW:12
RFF+ON:1001-1
ERC+E01::92
FTX+AAO+++Item is not listed

---
receipt for 12: rejected (refused by the partner's application: 1001-1)
owed: CONTRL for interchange R201: accepted
warning edi_rejected at line 9 FTX04: The partner says about 1001-1: Item is not listed.
warning edi_rejected at line 8 ERC01: The partner's application refuses our paper 1001-1 (code E01).
