-- The directory's read model. Days are ISO 8601, or empty; body is the agency as JSON.
CREATE TABLE agency (
    code       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    level      TEXT   NOT NULL,
    valid_from TEXT   NOT NULL,
    valid_to   TEXT   NOT NULL,
    body       TEXT   NOT NULL,
    version    BIGINT NOT NULL
);

-- Awards that agencies give on their own; body is the award as JSON.
CREATE TABLE local_award (
    code    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    agency  TEXT NOT NULL,
    body    TEXT NOT NULL,
    version BIGINT NOT NULL
);

-- When their versions hold: to find those that are given on a day.
CREATE TABLE local_award_version (
    code       TEXT COLLATE "C" NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to   TEXT NOT NULL,
    PRIMARY KEY (code, valid_from)
);

-- Days on which an agency, or all of them (`_all`), do otherwise than the calendar says; body is their list as JSON.
CREATE TABLE days (
    id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    body    TEXT NOT NULL,
    version BIGINT NOT NULL
);
