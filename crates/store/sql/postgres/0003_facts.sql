-- What journal entries count for in reports, written in their commit. id: the entry's position << 20, and a number.
-- day: of UTC since 1970; at: when it was or was due; notable: somebody may have to answer for it.
CREATE TABLE facts (
    id       BIGINT NOT NULL PRIMARY KEY,
    measure  TEXT COLLATE "C" NOT NULL,
    label    TEXT COLLATE "C" NOT NULL,
    day      BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    source   TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    channel  TEXT COLLATE "C" NOT NULL,
    order_id TEXT COLLATE "C" NOT NULL,
    po       BIGINT NOT NULL,
    units    BIGINT NOT NULL,
    amount   BIGINT NOT NULL,
    notable  BIGINT NOT NULL
);
CREATE INDEX facts_by_label ON facts (measure, label, day, id);
CREATE INDEX facts_notable ON facts (source, measure, label, day, id) WHERE notable = 1;

-- Facts summed up, up to rollup_cursor. level: which of source (1), category (2) and channel (4) are told apart; the
-- others are empty.
CREATE TABLE rollups (
    measure  TEXT COLLATE "C" NOT NULL,
    level    BIGINT NOT NULL,
    day      BIGINT NOT NULL,
    source   TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    channel  TEXT COLLATE "C" NOT NULL,
    label    TEXT COLLATE "C" NOT NULL,
    times    BIGINT NOT NULL,
    units    BIGINT NOT NULL,
    amount   BIGINT NOT NULL,
    PRIMARY KEY (measure, level, day, source, category, channel, label)
);
CREATE INDEX rollups_by_source ON rollups (measure, level, source, day) WHERE source <> '';
CREATE INDEX rollups_by_category ON rollups (measure, level, category, day) WHERE category <> '';

-- The last fact that is summed up.
CREATE TABLE rollup_cursor (
    one  BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    last BIGINT NOT NULL
);
