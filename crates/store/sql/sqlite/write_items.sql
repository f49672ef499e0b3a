-- Adds the record if none was expected, changes it if it stands at the expected version; otherwise touches nothing.
INSERT INTO items (sku, version, title, category, gtin, status, body)
SELECT ?1, ?2 + 1, ?3, ?4, ?5, ?6, ?7
WHERE ?2 = 0 OR EXISTS (SELECT 1 FROM items WHERE sku = ?1)
ON CONFLICT (sku) DO UPDATE
SET version = excluded.version, title = excluded.title, category = excluded.category, gtin = excluded.gtin,
        status = excluded.status, body = excluded.body
WHERE items.version = ?2
