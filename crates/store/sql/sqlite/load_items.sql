SELECT version, body FROM items WHERE sku = ?1
