SELECT id, wake_at FROM orders WHERE wake_at <= ?1 ORDER BY wake_at, id LIMIT ?2
