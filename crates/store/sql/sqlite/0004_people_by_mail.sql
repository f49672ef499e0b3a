-- The customer's mail address in lower case, by which orders are found; goes with the row when it is erased.
ALTER TABLE people ADD COLUMN mail TEXT;
UPDATE people SET mail = lower(json_extract(body, '$.customer.email'));
CREATE INDEX people_by_mail ON people (mail, order_id) WHERE mail IS NOT NULL;
