INSERT INTO cases (id, subject, kind, severity, role, open, opened_at, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (id) DO UPDATE
SET kind = excluded.kind, severity = excluded.severity, role = excluded.role, open = excluded.open,
    opened_at = excluded.opened_at, body = excluded.body
