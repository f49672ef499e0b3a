-- Adds the record if none was expected, changes it if it stands at the expected version; otherwise touches nothing.
INSERT INTO offers (source, sku, version, vendor_sku, unit, pack_size, body)
SELECT ?1, ?2, ?3 + 1, ?4, ?5, ?6, ?7
WHERE ?3 = 0 OR EXISTS (SELECT 1 FROM offers WHERE source = ?1 AND sku = ?2)
ON CONFLICT (source, sku) DO UPDATE
SET version = excluded.version, vendor_sku = excluded.vendor_sku, unit = excluded.unit,
        pack_size = excluded.pack_size, body = excluded.body
WHERE offers.version = ?3
