# Too late.
name purchase-orders/1001-1/cancellation-answer
file
{"accepted": false, "reason": "cancel_late"}

---
not cancelled: 1001-1, cancel_late
