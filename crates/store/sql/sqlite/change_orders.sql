UPDATE orders SET version = version + 1, status = ?3, wake_at = ?5, body = ?6
WHERE id = ?1 AND version = ?2
