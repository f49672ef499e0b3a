SELECT wake_at FROM orders WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT 1
