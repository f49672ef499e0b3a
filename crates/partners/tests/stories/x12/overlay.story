# A partner sends codes of his own and a wrong segment count: the overlay maps the ones and forgives the other.
settings {"overlay": {"name": "acme 1", "documents": {"855": [{"do": "map_codes", "element": "ACK01", "codes": {"OK": "IA"}}, {"do": "require_element", "element": "BAK08", "level": "accept_with_error"}], "*": [{"do": "level", "rule": "set.count-wrong", "level": "warn"}]}}}
file
ISA*00*          *00*          *ZZ*ACME           *ZZ*RETAILER       *261123*0930*U*00401*000000201*0*P*>~
GS*PR*ACME*RETAILER*20261123*0930*1*X*004010~
ST*855*0001~
BAK*00*AC*1001-1*20261123~
PO1*1*8*EA*12.50**VP*V-MUG~
ACK*OK*8*EA~
SE*99*0001~
GE*1*1~
IEA*1*000000201~

---
acknowledgment of 1001-1 (line 4)
  line 1: accepted 8 EA
owed: 997 for group 1: accepted
warning element.missing at line 4 BAK08: BAK08 (Reference): A mandatory element is empty. The partner agreement says so.
note set.count-wrong at line 7 SE01: SE01: The set trailer claims another number of segments than were received. Received "99". Expected 5.
