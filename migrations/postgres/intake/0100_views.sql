-- What intake shows: one row a dossier, for lists and searches.
CREATE TABLE dossier (
    dossier           TEXT PRIMARY KEY,
    version           BIGINT NOT NULL,
    status            BIGINT NOT NULL,
    award             TEXT NOT NULL,
    candidate         TEXT NOT NULL,
    candidate_folded  TEXT NOT NULL,
    candidate_agency  TEXT NOT NULL,
    submitting_agency TEXT NOT NULL,
    letter_number     TEXT NOT NULL,
    letter_date       TEXT NOT NULL,
    rule_set          TEXT NOT NULL,
    verdict           TEXT NOT NULL,
    updated_at        BIGINT NOT NULL
);
CREATE INDEX dossier_agency ON dossier (submitting_agency, dossier);
