# A plain 2xx body says nothing.
name purchase-orders
file
{"status": "received"}

---
note document_not_used at line 0: The body is none of the documents known here; nothing was changed.
kept unused: status x1 in json: "received"
