# A file that was cut off: what is whole in it cannot be trusted, the rest is missing.
file
ISA*00*          *00*          *ZZ*ACME           *ZZ*RETAILER       *261123*0930*U*00401*000000201*0*P*>~
GS*PR*ACME*RETAILER*20261123*0930*1*X*004010~
ST*855*0001~
BAK*00*AT*1001-1*20261123~

---
owed: TA1 for interchange 000000201: R
error set.trailer-missing at line 5 SE: SE: The set ends without its trailer.
error group.trailer-missing at line 5 GE: GE: The group ends without its trailer.
error interchange.trailer-missing at line 5 IEA: IEA: The interchange ends without its trailer.
to quarantine
