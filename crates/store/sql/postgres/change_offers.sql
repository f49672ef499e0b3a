-- Changes the records that stand at the expected version; returns those it changed.
UPDATE offers t SET version = t.version + 1, vendor_sku = g.vendor_sku, unit = g.unit, pack_size = g.pack_size,
    body = g.body
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[])
    AS g (source, sku, expected, vendor_sku, unit, pack_size, body)
WHERE t.source = g.source AND t.sku = g.sku AND t.version = g.expected
RETURNING t.source, t.sku
