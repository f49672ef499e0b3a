SELECT id, body FROM orders WHERE TRUE
/*status*/ AND status = :status
/*cursor*/ AND (captured_at, id) < (:captured_at, :id)
ORDER BY captured_at DESC, id DESC LIMIT :limit
