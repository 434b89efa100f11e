-- Earlier awards that submissions list, and awards that were revoked: each dossier that used one is flagged.
CREATE TABLE relied (
    person   TEXT NOT NULL,
    dossier  TEXT NOT NULL,
    award    TEXT NOT NULL,
    year     BIGINT NOT NULL,
    decision TEXT NOT NULL,
    PRIMARY KEY (person, dossier, award, year, decision)
);
CREATE TABLE revoked_award (
    dossier    TEXT PRIMARY KEY,
    person     TEXT NOT NULL,
    award      TEXT NOT NULL,
    year       BIGINT NOT NULL,
    decision   TEXT NOT NULL,
    revoked_by TEXT NOT NULL
);
CREATE INDEX revoked_award_person ON revoked_award (person);
ALTER TABLE dossier ADD COLUMN in_question BLOB;
