-- Opinions that were asked for, by station; `open` while the dossier waits for one.
CREATE TABLE consultation (
    dossier     TEXT NOT NULL,
    station     BIGINT NOT NULL,
    agency      TEXT NOT NULL,
    asked_by    TEXT NOT NULL,
    asked_on    TEXT NOT NULL,
    until       TEXT NOT NULL,
    answer      TEXT NOT NULL,
    body        TEXT NOT NULL,
    answered_on TEXT NOT NULL,
    open        BIGINT NOT NULL,
    PRIMARY KEY (dossier, station, agency)
);
CREATE INDEX consultation_open ON consultation (agency, dossier) WHERE open = 1;

-- The register of awards: those decided here, and those entered from paper.
CREATE TABLE award (
    entry             TEXT PRIMARY KEY,
    paper             BIGINT NOT NULL,
    award             TEXT NOT NULL,
    holder            TEXT NOT NULL,
    holder_kind       TEXT NOT NULL,
    person            TEXT NOT NULL,
    candidate_agency  TEXT NOT NULL,
    submitting_agency TEXT NOT NULL,
    deciding_agency   TEXT NOT NULL,
    decision_number   TEXT NOT NULL,
    decided_on        TEXT NOT NULL,
    year              BIGINT NOT NULL,
    status            TEXT NOT NULL,
    amended_by        TEXT NOT NULL,
    source            TEXT NOT NULL,
    presented         BIGINT NOT NULL
);
CREATE INDEX award_person ON award (person, entry);
CREATE INDEX award_decision ON award (decision_number, entry);
CREATE INDEX award_deciding ON award (deciding_agency, entry);
CREATE INDEX award_submitting ON award (submitting_agency, entry);
CREATE INDEX award_candidate ON award (candidate_agency, entry);
