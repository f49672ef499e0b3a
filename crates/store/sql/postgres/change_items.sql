-- Changes the records that stand at the expected version; returns those it changed.
UPDATE items t SET version = t.version + 1, title = g.title, category = g.category, gtin = g.gtin,
    status = g.status, body = g.body
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS g (sku, expected, title, category, gtin, status, body)
WHERE t.sku = g.sku AND t.version = g.expected
RETURNING t.sku
