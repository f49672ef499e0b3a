INSERT INTO journal (position, subject, at, body, hash)
VALUES (?1, ?2, ?3, ?4, ?5)
