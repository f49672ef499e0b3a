SELECT t.kind, t.id, t.version, t.body
FROM unnest($1::text[], $2::text[]) AS g (kind, id) JOIN records t ON t.kind = g.kind AND t.id = g.id
