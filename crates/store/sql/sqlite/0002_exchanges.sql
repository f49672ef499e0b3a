-- AS2 messages by who talks to whom: the receipt to repeat, the digests to compare, and what is still to come or to go.
CREATE TABLE exchanges (
    pair       TEXT    NOT NULL,
    message_id TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    due        INTEGER,
    body       TEXT    NOT NULL,
    PRIMARY KEY (pair, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX exchanges_by_due ON exchanges (due) WHERE due IS NOT NULL;
CREATE INDEX exchanges_by_age ON exchanges (at);
