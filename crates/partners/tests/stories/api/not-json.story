# No JSON: the place is told.
name purchase-orders/1001-1/receipt
file
{"a": 1,
 "b": }

---
fatal json_syntax at line 2: The body is no JSON: expected value at line 2 column 7.
to quarantine
