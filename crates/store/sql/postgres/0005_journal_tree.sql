-- Roots of perfect subtrees of the journal's Merkle tree: a hash of level n stands for 256^n entries. Level 0 is the
-- journal itself.
CREATE TABLE journal_tree (
    level  BIGINT NOT NULL,
    number BIGINT NOT NULL,
    hash   BYTEA  NOT NULL,
    PRIMARY KEY (level, number)
);
