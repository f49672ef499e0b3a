SELECT id, subject, kind, severity, role, open, opened_at, body FROM cases WHERE TRUE
/*open*/ AND open = :open
/*role*/ AND role = :role
/*kind*/ AND kind = :kind
/*subject*/ AND subject = :subject
ORDER BY severity DESC, opened_at, id LIMIT :limit OFFSET :offset
