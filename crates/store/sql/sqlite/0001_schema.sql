-- The desk's book. Times are microseconds since 1970-01-01T00:00:00Z; bodies are JSON.
-- The journal is the truth; every other table except inbox, people and settings can be made again from it.

-- What the retailer sells.
CREATE TABLE items (
    sku      TEXT    NOT NULL PRIMARY KEY,
    version  INTEGER NOT NULL,
    title    TEXT    NOT NULL,
    category TEXT    NOT NULL,
    gtin     TEXT,
    status   TEXT    NOT NULL,
    body     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Who can supply: vendors and distribution centres.
CREATE TABLE sources (
    id      TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    body    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- What a source calls an item, how it packs it and what it costs.
CREATE TABLE offers (
    source     TEXT    NOT NULL,
    sku        TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    vendor_sku TEXT    NOT NULL,
    unit       TEXT    NOT NULL,
    pack_size  INTEGER NOT NULL,
    body       TEXT    NOT NULL,
    PRIMARY KEY (source, sku)
) STRICT, WITHOUT ROWID;
CREATE INDEX offers_by_sku ON offers (sku, source);

-- What a source last said it has of an item, and what we hold of it.
CREATE TABLE stock (
    source  TEXT    NOT NULL,
    sku     TEXT    NOT NULL,
    version INTEGER NOT NULL,
    advised INTEGER NOT NULL,
    soft    INTEGER NOT NULL,
    as_of   INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (source, sku)
) STRICT, WITHOUT ROWID;

-- Customers' orders, without personal data. wake_at: when the order next wants to be looked at.
CREATE TABLE orders (
    number      INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    version     INTEGER NOT NULL,
    status      TEXT    NOT NULL,
    captured_at INTEGER NOT NULL,
    wake_at     INTEGER,
    body        TEXT    NOT NULL
) STRICT;
CREATE INDEX orders_by_capture ON orders (captured_at, id);
CREATE INDEX orders_by_status ON orders (status, captured_at, id);
CREATE INDEX orders_by_wake ON orders (wake_at, id) WHERE wake_at IS NOT NULL;

-- SKUs and tracking numbers by which orders are found.
CREATE TABLE order_words (
    word        TEXT    NOT NULL,
    captured_at INTEGER NOT NULL,
    order_id    TEXT    NOT NULL,
    PRIMARY KEY (word, captured_at, order_id)
) STRICT, WITHOUT ROWID;

-- Small records: policy, feed, load, desk (by source), offerers (by sku).
CREATE TABLE records (
    kind    TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    version INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- What was asked of whom. state: open, acknowledged, shipped, withdrawing or closed.
CREATE TABLE purchase_orders (
    number      TEXT    NOT NULL PRIMARY KEY,
    order_id    TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    attempt     INTEGER NOT NULL,
    state       TEXT    NOT NULL,
    released_at INTEGER NOT NULL,
    answer_due  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX purchase_orders_by_source ON purchase_orders (source, state, released_at, number);
CREATE INDEX purchase_orders_by_state ON purchase_orders (state, released_at, number);

-- Exceptions that somebody must look at. subject: an order, or @ and a source.
CREATE TABLE cases (
    id        TEXT    NOT NULL PRIMARY KEY,
    subject   TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    severity  INTEGER NOT NULL,
    role      TEXT    NOT NULL,
    open      INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    body      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX cases_by_severity ON cases (severity DESC, opened_at, id);
CREATE INDEX cases_by_open ON cases (open, severity DESC, opened_at, id);
CREATE INDEX cases_by_role ON cases (role, open, severity DESC, opened_at, id);
CREATE INDEX cases_by_kind ON cases (kind, open, severity DESC, opened_at, id);
CREATE INDEX cases_by_subject ON cases (subject, severity DESC, opened_at, id);

-- Decisions reserved for people.
CREATE TABLE approvals (
    id       TEXT    NOT NULL PRIMARY KEY,
    order_id TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    open     INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    due      INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX approvals_by_age ON approvals (asked_at, id);
CREATE INDEX approvals_by_open ON approvals (open, asked_at, id);
CREATE INDEX approvals_by_kind ON approvals (kind, open, asked_at, id);
CREATE INDEX approvals_by_order ON approvals (order_id, asked_at, id);

-- Everything asked, decided and sent. hash: SHA-256 over "countersign journal v1", position, the hash before, body.
CREATE TABLE journal (
    position INTEGER PRIMARY KEY,
    subject  TEXT,
    at       INTEGER NOT NULL,
    body     TEXT    NOT NULL,
    hash     BLOB    NOT NULL
) STRICT;
CREATE INDEX journal_by_subject ON journal (subject, position) WHERE subject IS NOT NULL;

-- Errands to sources. state: waiting, sent or dead; due: not before; position and ordinal: the commit that gave it,
-- and its place there.
CREATE TABLE outbox (
    id       TEXT    NOT NULL PRIMARY KEY,
    source   TEXT    NOT NULL,
    order_id TEXT    NOT NULL,
    po       TEXT    NOT NULL,
    effect   TEXT    NOT NULL,
    position INTEGER NOT NULL,
    ordinal  INTEGER NOT NULL,
    state    TEXT    NOT NULL,
    due      INTEGER NOT NULL,
    tries    INTEGER NOT NULL,
    sent_at  INTEGER,
    error    TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_waiting ON outbox (due, position, ordinal) WHERE state = 'waiting';

-- What goes over the wire for an errand: the same bytes on every try.
CREATE TABLE papers (
    errand     TEXT NOT NULL UNIQUE,
    source     TEXT NOT NULL,
    reference  TEXT NOT NULL,
    name       TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes      BLOB NOT NULL
) STRICT;
CREATE INDEX papers_by_reference ON papers (source, reference) WHERE reference <> '';

-- What came in. state: waiting, done, duplicate or quarantined.
CREATE TABLE inbox (
    id          INTEGER PRIMARY KEY,
    channel     TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    hash        BLOB    NOT NULL,
    received_at INTEGER NOT NULL,
    replays     INTEGER,
    state       TEXT    NOT NULL,
    findings    TEXT
) STRICT;
CREATE INDEX inbox_by_hash ON inbox (channel, hash);
CREATE INDEX inbox_by_state ON inbox (state, id);

-- The bytes of what came in.
CREATE TABLE inbox_bytes (
    id    INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;

-- Which purchase orders an inbox entry is about.
CREATE TABLE inbox_purchase_orders (
    po    TEXT    NOT NULL,
    inbox INTEGER NOT NULL,
    PRIMARY KEY (po, inbox)
) STRICT, WITHOUT ROWID;

-- Personal data of orders; erasable.
CREATE TABLE people (
    order_id TEXT NOT NULL PRIMARY KEY,
    body     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- First answers to idempotent requests.
CREATE TABLE answers (
    key         TEXT    NOT NULL PRIMARY KEY,
    fingerprint TEXT    NOT NULL,
    status      INTEGER NOT NULL,
    body        TEXT    NOT NULL,
    at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_by_age ON answers (at);

-- Keys, webhooks, cursors, sealed secrets.
CREATE TABLE settings (
    kind    TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    version INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- Gapless numbers.
CREATE TABLE sequences (
    name TEXT    NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
