# Faults are told with their pointers; what is right is taken.
name purchase-orders/1001-1/acknowledgment
file
{"attempt": "one", "lines": [{"line": "1", "accepted": -1}, {"line": "2", "accepted": 1, "rejected": 1},
 {"line": "3", "accepted": 2, "ship_on": "soon"}, {"line": "4", "rejected": 2, "reason": "moon_phase"}, 7]}

---
acknowledgment of 1001-1 (line 0)
  line 3: accepted 2
  line 4: rejected 2, ack_rejected_other
error json_field_invalid at line 0 /attempt: attempt must be a whole number.
error json_field_invalid at line 0 /lines/4: Each entry must be an object.
error json_field_invalid at line 0 /lines/0/accepted: accepted must be a whole number from 0 to 10000000.
error ack_quantity_ambiguous at line 0 /lines/0: Each entry answers with exactly one quantity above zero: accepted, rejected, backordered or substituted.
error ack_quantity_ambiguous at line 0 /lines/1: Each entry answers with exactly one quantity above zero: accepted, rejected, backordered or substituted.
error json_field_invalid at line 0 /lines/2/ship_on: ship_on must be a day such as "2026-11-24".
note reason_unknown at line 0 /lines/3/reason: The reason "moon_phase" is not known here; it counts as a reason without a name.
to quarantine
