CREATE TABLE IF NOT EXISTS migrations (
    name     TEXT NOT NULL PRIMARY KEY,
    checksum TEXT NOT NULL
)
