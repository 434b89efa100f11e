-- Councils, for lists; what is shown of one comes from its newest snapshot.
CREATE TABLE council (
    agency TEXT NOT NULL,
    kind   TEXT NOT NULL,
    sort   TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (agency, kind)
);
CREATE INDEX council_sort ON council (sort);

-- What was voted on, by which share, and who did not vote on it.
ALTER TABLE review ADD COLUMN award TEXT NOT NULL DEFAULT '';
ALTER TABLE review ADD COLUMN threshold_num BIGINT NOT NULL DEFAULT 0;
ALTER TABLE review ADD COLUMN threshold_den BIGINT NOT NULL DEFAULT 0;
-- Subjects, a line each.
ALTER TABLE review ADD COLUMN recused TEXT NOT NULL DEFAULT '';
CREATE INDEX review_session ON review (session, sort);
