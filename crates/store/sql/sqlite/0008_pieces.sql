-- What is too large for a record (packed histories), piece by piece.
CREATE TABLE pieces (
    whole TEXT    NOT NULL,
    place INTEGER NOT NULL,
    bytes BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX pieces_by_place ON pieces (whole, place);
