SELECT version, body FROM offers WHERE source = $3 AND sku > $1 ORDER BY sku LIMIT $2
