INSERT INTO stock (source, sku, version, advised, soft, as_of, body)
VALUES (?1, ?2, ?3 + 1, ?4, ?5, ?6, ?7)
ON CONFLICT (source, sku) DO NOTHING
