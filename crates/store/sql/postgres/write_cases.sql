INSERT INTO cases (id, subject, kind, severity, role, open, opened_at, body)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[],
        $8::text[])
ON CONFLICT (id) DO UPDATE
SET kind = excluded.kind, severity = excluded.severity, role = excluded.role, open = excluded.open,
    opened_at = excluded.opened_at, body = excluded.body
