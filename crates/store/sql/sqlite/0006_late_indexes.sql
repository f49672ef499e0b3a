-- Two indexes touch a page of their own for nearly every row. Their rows are gathered where they cost nothing, and put in
-- order many at a time (roll_up); whoever looks there looks at what is still gathered, too.

-- Words not yet in order_words, as they came.
CREATE TABLE fresh_words (
    word        TEXT    NOT NULL,
    captured_at INTEGER NOT NULL,
    order_id    TEXT    NOT NULL
) STRICT;

-- Facts by what they count, up to rollup_cursor.
DROP INDEX facts_by_label;
CREATE TABLE fact_labels (
    measure TEXT    NOT NULL,
    label   TEXT    NOT NULL,
    day     INTEGER NOT NULL,
    fact    INTEGER NOT NULL,
    PRIMARY KEY (measure, label, day, fact)
) STRICT, WITHOUT ROWID;
INSERT INTO fact_labels SELECT measure, label, day, id FROM facts
WHERE id <= coalesce((SELECT last FROM rollup_cursor WHERE one = 1), 0);
