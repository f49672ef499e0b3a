SELECT version, body FROM items WHERE sku > $1 ORDER BY sku LIMIT $2
