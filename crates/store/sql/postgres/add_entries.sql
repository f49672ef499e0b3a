INSERT INTO journal (position, subject, at, body, hash)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bytea[])
