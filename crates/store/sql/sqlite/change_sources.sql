UPDATE sources SET version = version + 1, kind = ?3, name = ?4, body = ?5
WHERE id = ?1 AND version = ?2
