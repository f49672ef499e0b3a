-- What is too large for a record (packed histories), piece by piece.
CREATE TABLE pieces (
    whole TEXT COLLATE "C" NOT NULL,
    place BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (whole, place)
);
