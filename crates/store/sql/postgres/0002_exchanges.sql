-- AS2 messages by who talks to whom: the receipt to repeat, the digests to compare, and what is still to come or to go.
CREATE TABLE exchanges (
    pair       TEXT COLLATE "C" NOT NULL,
    message_id TEXT COLLATE "C" NOT NULL,
    at         BIGINT NOT NULL,
    due        BIGINT,
    body       TEXT NOT NULL,
    PRIMARY KEY (pair, message_id)
);
CREATE INDEX exchanges_by_due ON exchanges (due) WHERE due IS NOT NULL;
CREATE INDEX exchanges_by_age ON exchanges (at);
