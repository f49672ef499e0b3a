SELECT id, order_id, kind, open, asked_at, due, body FROM approvals WHERE TRUE
/*open*/ AND open = :open
/*kind*/ AND kind = :kind
/*subject*/ AND order_id = :subject
ORDER BY asked_at, id LIMIT :limit OFFSET :offset
