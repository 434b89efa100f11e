-- What approval shows: one row a course, for worklists and searches.
CREATE TABLE course (
    dossier           TEXT PRIMARY KEY,
    version           BIGINT NOT NULL,
    award             TEXT NOT NULL,
    candidate         TEXT NOT NULL,
    candidate_folded  TEXT NOT NULL,
    submitting_agency TEXT NOT NULL,
    status            TEXT NOT NULL,
    level             TEXT NOT NULL,
    agency            TEXT NOT NULL,
    step              TEXT NOT NULL,
    waiting_on        TEXT NOT NULL,
    waiting_for       TEXT NOT NULL,
    deadline          TEXT NOT NULL,
    rule_set          TEXT NOT NULL,
    verdict           TEXT NOT NULL,
    decision_number   TEXT NOT NULL,
    decided_on        TEXT NOT NULL,
    bonus_vnd         BIGINT NOT NULL,
    letter_number     TEXT NOT NULL,
    updated_at        BIGINT NOT NULL
);
CREATE INDEX course_task ON course (waiting_on, dossier);
CREATE INDEX course_agency ON course (agency, dossier);

-- Which agencies may read a course: its proposer and every station of its way.
CREATE TABLE course_reader (
    agency  TEXT NOT NULL,
    dossier TEXT NOT NULL,
    PRIMARY KEY (agency, dossier)
);
