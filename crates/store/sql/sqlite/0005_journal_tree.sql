-- Roots of perfect subtrees of the journal's Merkle tree: a hash of level n stands for 256^n entries. Level 0 is the
-- journal itself.
CREATE TABLE journal_tree (
    level  INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash   BLOB    NOT NULL,
    PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;
