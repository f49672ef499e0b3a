SELECT version, body FROM offers WHERE source = ?1 AND sku = ?2
