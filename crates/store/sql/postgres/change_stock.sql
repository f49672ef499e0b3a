-- Changes the records that stand at the expected version; returns those it changed.
UPDATE stock t SET version = t.version + 1, advised = g.advised, soft = g.soft, as_of = g.as_of, body = g.body
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[])
    AS g (source, sku, expected, advised, soft, as_of, body)
WHERE t.source = g.source AND t.sku = g.sku AND t.version = g.expected
RETURNING t.source, t.sku
