SELECT version, body FROM offers WHERE sku = $3 AND source > $1 ORDER BY source LIMIT $2
