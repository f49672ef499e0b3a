SELECT version, body FROM stock WHERE source = ?1 AND sku = ?2
