-- The directory's read model. Days are ISO 8601, or empty; body is the agency as JSON.
CREATE TABLE agency (
    code       TEXT    NOT NULL PRIMARY KEY,
    level      TEXT    NOT NULL,
    valid_from TEXT    NOT NULL,
    valid_to   TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    version    INTEGER NOT NULL
) STRICT;

-- Awards that agencies give on their own; body is the award as JSON.
CREATE TABLE local_award (
    code    TEXT NOT NULL PRIMARY KEY,
    agency  TEXT NOT NULL,
    body    TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

-- When their versions hold: to find those that are given on a day.
CREATE TABLE local_award_version (
    code       TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to   TEXT NOT NULL,
    PRIMARY KEY (code, valid_from)
) STRICT;

-- Days on which an agency, or all of them (`_all`), do otherwise than the calendar says; body is their list as JSON.
CREATE TABLE days (
    id      TEXT NOT NULL PRIMARY KEY,
    body    TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;
