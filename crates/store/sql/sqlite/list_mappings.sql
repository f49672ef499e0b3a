SELECT o.vendor_sku, o.sku, i.gtin, o.unit, o.pack_size
FROM offers o LEFT JOIN items i ON i.sku = o.sku
WHERE o.source = ?1 ORDER BY o.sku
