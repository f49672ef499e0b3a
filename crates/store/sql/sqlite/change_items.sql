UPDATE items SET version = version + 1, title = ?3, category = ?4, gtin = ?5, status = ?6, body = ?7
WHERE sku = ?1 AND version = ?2
