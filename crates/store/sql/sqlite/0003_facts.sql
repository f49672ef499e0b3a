-- What journal entries count for in reports, written in their commit. id: the entry's position << 20, and a number.
-- day: of UTC since 1970; at: when it was or was due; notable: somebody may have to answer for it.
CREATE TABLE facts (
    id       INTEGER PRIMARY KEY,
    measure  TEXT    NOT NULL,
    label    TEXT    NOT NULL,
    day      INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    source   TEXT    NOT NULL,
    category TEXT    NOT NULL,
    channel  TEXT    NOT NULL,
    order_id TEXT    NOT NULL,
    po       INTEGER NOT NULL,
    units    INTEGER NOT NULL,
    amount   INTEGER NOT NULL,
    notable  INTEGER NOT NULL
) STRICT;
CREATE INDEX facts_by_label ON facts (measure, label, day);
CREATE INDEX facts_notable ON facts (source, measure, label, day) WHERE notable = 1;

-- Facts summed up, up to rollup_cursor. level: which of source (1), category (2) and channel (4) are told apart; the
-- others are empty.
CREATE TABLE rollups (
    measure  TEXT    NOT NULL,
    level    INTEGER NOT NULL,
    day      INTEGER NOT NULL,
    source   TEXT    NOT NULL,
    category TEXT    NOT NULL,
    channel  TEXT    NOT NULL,
    label    TEXT    NOT NULL,
    times    INTEGER NOT NULL,
    units    INTEGER NOT NULL,
    amount   INTEGER NOT NULL,
    PRIMARY KEY (measure, level, day, source, category, channel, label)
) STRICT, WITHOUT ROWID;
CREATE INDEX rollups_by_source ON rollups (measure, level, source, day) WHERE source <> '';
CREATE INDEX rollups_by_category ON rollups (measure, level, category, day) WHERE category <> '';

-- The last fact that is summed up.
CREATE TABLE rollup_cursor (
    one  INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
