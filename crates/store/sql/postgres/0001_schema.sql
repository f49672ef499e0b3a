-- The desk's book. Times are microseconds since 1970-01-01T00:00:00Z; bodies are JSON.
-- The journal is the truth; every other table except inbox, people and settings can be made again from it.
-- Texts up to a page stay in their row uncompressed, because compressing one costs more than storing it; rows that
-- change often leave room beside them for their next version.

-- What the retailer sells.
CREATE TABLE items (
    sku      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version  BIGINT NOT NULL,
    title    TEXT NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    gtin     TEXT COLLATE "C",
    status   TEXT COLLATE "C" NOT NULL,
    body     TEXT NOT NULL
);

-- Who can supply: vendors and distribution centres.
CREATE TABLE sources (
    id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    name    TEXT NOT NULL,
    body    TEXT NOT NULL
);

-- What a source calls an item, how it packs it and what it costs.
CREATE TABLE offers (
    source     TEXT COLLATE "C" NOT NULL,
    sku        TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    vendor_sku TEXT COLLATE "C" NOT NULL,
    unit       TEXT COLLATE "C" NOT NULL,
    pack_size  BIGINT NOT NULL,
    body       TEXT NOT NULL,
    PRIMARY KEY (source, sku)
);
CREATE INDEX offers_by_sku ON offers (sku, source);

-- What a source last said it has of an item, and what we hold of it.
CREATE TABLE stock (
    source  TEXT COLLATE "C" NOT NULL,
    sku     TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    advised BIGINT NOT NULL,
    soft    BIGINT NOT NULL,
    as_of   BIGINT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (source, sku)
);

ALTER TABLE stock SET (fillfactor = 50);

-- Customers' orders, without personal data. wake_at: when the order next wants to be looked at.
CREATE TABLE orders (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version     BIGINT NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    captured_at BIGINT NOT NULL,
    wake_at     BIGINT,
    body        TEXT NOT NULL
);
ALTER TABLE orders SET (toast_tuple_target = 8160, fillfactor = 85);
CREATE INDEX orders_by_capture ON orders (captured_at, id);
CREATE INDEX orders_by_status ON orders (status, captured_at, id);
CREATE INDEX orders_by_wake ON orders (wake_at, id) WHERE wake_at IS NOT NULL;

-- SKUs and tracking numbers by which orders are found.
CREATE TABLE order_words (
    word        TEXT COLLATE "C" NOT NULL,
    captured_at BIGINT NOT NULL,
    order_id    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (word, captured_at, order_id)
);

-- Small records: policy, feed, load, desk (by source), offerers (by sku).
CREATE TABLE records (
    kind    TEXT COLLATE "C" NOT NULL,
    id      TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (kind, id)
);

-- What was asked of whom. state: open, acknowledged, shipped, withdrawing or closed.
CREATE TABLE purchase_orders (
    number      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    order_id    TEXT COLLATE "C" NOT NULL,
    source      TEXT COLLATE "C" NOT NULL,
    attempt     BIGINT NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    released_at BIGINT NOT NULL,
    answer_due  BIGINT
);
CREATE INDEX purchase_orders_by_source ON purchase_orders (source, state, released_at, number);
CREATE INDEX purchase_orders_by_state ON purchase_orders (state, released_at, number);

-- Exceptions that somebody must look at. subject: an order, or @ and a source.
CREATE TABLE cases (
    id        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    subject   TEXT COLLATE "C" NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL,
    severity  BIGINT NOT NULL,
    role      TEXT COLLATE "C" NOT NULL,
    open      BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    body      TEXT NOT NULL
);
CREATE INDEX cases_by_severity ON cases (severity DESC, opened_at, id);
CREATE INDEX cases_by_open ON cases (open, severity DESC, opened_at, id);
CREATE INDEX cases_by_role ON cases (role, open, severity DESC, opened_at, id);
CREATE INDEX cases_by_kind ON cases (kind, open, severity DESC, opened_at, id);
CREATE INDEX cases_by_subject ON cases (subject, severity DESC, opened_at, id);

-- Decisions reserved for people.
CREATE TABLE approvals (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    order_id TEXT COLLATE "C" NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    open     BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    due      BIGINT NOT NULL,
    body     TEXT NOT NULL
);
CREATE INDEX approvals_by_age ON approvals (asked_at, id);
CREATE INDEX approvals_by_open ON approvals (open, asked_at, id);
CREATE INDEX approvals_by_kind ON approvals (kind, open, asked_at, id);
CREATE INDEX approvals_by_order ON approvals (order_id, asked_at, id);

-- Everything asked, decided and sent. hash: SHA-256 over "countersign journal v1", position, the hash before, body.
CREATE TABLE journal (
    position BIGINT PRIMARY KEY,
    subject  TEXT COLLATE "C",
    at       BIGINT NOT NULL,
    body     TEXT NOT NULL,
    hash     BYTEA  NOT NULL
);
ALTER TABLE journal SET (toast_tuple_target = 8160);
CREATE INDEX journal_by_subject ON journal (subject, position) WHERE subject IS NOT NULL;

-- The end of the journal; locked by every commit, so that positions have no gaps and one order.
CREATE TABLE journal_head (
    one      SMALLINT NOT NULL PRIMARY KEY CHECK (one = 1),
    position BIGINT NOT NULL,
    hash     BYTEA  NOT NULL,
    orders   BIGINT NOT NULL
);
INSERT INTO journal_head (one, position, hash, orders) VALUES (1, 0, decode(repeat('00', 32), 'hex'), 0);

-- Errands to sources. state: waiting, sent or dead; due: not before; leased_until: a node is at it until then;
-- position and ordinal: the commit that gave it, and its place there.
CREATE TABLE outbox (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    source   TEXT COLLATE "C" NOT NULL,
    order_id TEXT COLLATE "C" NOT NULL,
    po       TEXT COLLATE "C" NOT NULL,
    effect   TEXT NOT NULL,
    position BIGINT NOT NULL,
    ordinal  BIGINT NOT NULL,
    state    TEXT COLLATE "C" NOT NULL,
    due      BIGINT NOT NULL,
    tries    BIGINT NOT NULL,
    leased_until BIGINT NOT NULL DEFAULT 0,
    sent_at  BIGINT,
    error    TEXT
);
CREATE INDEX outbox_waiting ON outbox (GREATEST(due, leased_until), position, ordinal) WHERE state = 'waiting';

-- What goes over the wire for an errand: the same bytes on every try.
CREATE TABLE papers (
    errand     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    source     TEXT COLLATE "C" NOT NULL,
    reference  TEXT COLLATE "C" NOT NULL,
    name       TEXT NOT NULL,
    media_type TEXT COLLATE "C" NOT NULL,
    bytes      BYTEA NOT NULL
);
CREATE INDEX papers_by_reference ON papers (source, reference) WHERE reference <> '';

-- What came in. state: waiting, done, duplicate or quarantined.
CREATE TABLE inbox (
    id          BIGINT PRIMARY KEY,
    channel     TEXT COLLATE "C" NOT NULL,
    name        TEXT NOT NULL,
    hash        BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    replays     BIGINT,
    state       TEXT COLLATE "C" NOT NULL,
    findings    TEXT
);
CREATE INDEX inbox_by_hash ON inbox (channel, hash);
CREATE INDEX inbox_by_state ON inbox (state, id);

-- The bytes of what came in.
CREATE TABLE inbox_bytes (
    id    BIGINT PRIMARY KEY,
    bytes BYTEA NOT NULL
);

-- Which purchase orders an inbox entry is about.
CREATE TABLE inbox_purchase_orders (
    po    TEXT COLLATE "C" NOT NULL,
    inbox BIGINT NOT NULL,
    PRIMARY KEY (po, inbox)
);

-- Personal data of orders; erasable.
CREATE TABLE people (
    order_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    body     TEXT NOT NULL
);

-- First answers to idempotent requests.
CREATE TABLE answers (
    key         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    fingerprint TEXT COLLATE "C" NOT NULL,
    status      BIGINT NOT NULL,
    body        TEXT NOT NULL,
    at          BIGINT NOT NULL
);
CREATE INDEX answers_by_age ON answers (at);

-- Keys, webhooks, cursors, sealed secrets.
CREATE TABLE settings (
    kind    TEXT COLLATE "C" NOT NULL,
    id      TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (kind, id)
);

-- Gapless numbers.
CREATE TABLE sequences (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);
