-- What council shows: one row a round of a review, with counts only once voting is over.
CREATE TABLE review (
    dossier           TEXT NOT NULL,
    council           TEXT NOT NULL,
    round             BIGINT NOT NULL,
    sort              TEXT NOT NULL,
    version           BIGINT NOT NULL,
    status            TEXT NOT NULL,
    session           TEXT NOT NULL,
    yes               BIGINT NOT NULL,
    no                BIGINT NOT NULL,
    blank             BIGINT NOT NULL,
    base              BIGINT NOT NULL,
    passed            BIGINT NOT NULL,
    counted           BIGINT NOT NULL,
    ballots           BIGINT NOT NULL,
    secret            BIGINT NOT NULL,
    threshold_percent BIGINT NOT NULL,
    more_than_half    BIGINT NOT NULL,
    article           TEXT NOT NULL,
    confirmed         BIGINT NOT NULL,
    PRIMARY KEY (dossier, council, round)
);
CREATE INDEX review_council ON review (council, sort);
CREATE INDEX review_sort ON review (sort);

-- Sessions, for lists; what is shown of one comes from its newest snapshot.
CREATE TABLE session (
    session TEXT PRIMARY KEY,
    council TEXT NOT NULL,
    sort    TEXT NOT NULL,
    status  TEXT NOT NULL
);
CREATE INDEX session_council ON session (council, sort);
CREATE INDEX session_sort ON session (sort);
