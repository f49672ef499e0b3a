# The same for a cancellation.
name answer/purchase-orders/1001-1/cancellation-answer
file
{"accepted": true}

---
cancelled: 1001-1
