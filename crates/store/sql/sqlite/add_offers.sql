INSERT INTO offers (source, sku, version, vendor_sku, unit, pack_size, body)
VALUES (?1, ?2, ?3 + 1, ?4, ?5, ?6, ?7)
ON CONFLICT (source, sku) DO NOTHING
