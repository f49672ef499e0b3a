SELECT p.name, p.media_type, p.bytes, p.reference
FROM unnest($1::text[]) WITH ORDINALITY AS g (id, place) JOIN papers p ON p.errand = g.id
ORDER BY g.place
