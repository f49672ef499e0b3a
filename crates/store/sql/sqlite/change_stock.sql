UPDATE stock SET version = version + 1, advised = ?4, soft = ?5, as_of = ?6, body = ?7
WHERE source = ?1 AND sku = ?2 AND version = ?3
