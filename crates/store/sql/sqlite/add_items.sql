INSERT INTO items (sku, version, title, category, gtin, status, body)
VALUES (?1, ?2 + 1, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (sku) DO NOTHING
