-- Adds the record if none was expected, changes it if it stands at the expected version; otherwise touches nothing.
INSERT INTO stock (source, sku, version, advised, soft, as_of, body)
SELECT ?1, ?2, ?3 + 1, ?4, ?5, ?6, ?7
WHERE ?3 = 0 OR EXISTS (SELECT 1 FROM stock WHERE source = ?1 AND sku = ?2)
ON CONFLICT (source, sku) DO UPDATE
SET version = excluded.version, advised = excluded.advised, soft = excluded.soft, as_of = excluded.as_of,
        body = excluded.body
WHERE stock.version = ?3
