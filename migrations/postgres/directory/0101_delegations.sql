-- Who acts for whom. Days are ISO 8601; valid_to is the last day on which it holds, empty once it was ended; body is the
-- delegation as JSON.
CREATE TABLE delegation (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    agency     TEXT   NOT NULL,
    valid_from TEXT COLLATE "C" NOT NULL,
    valid_to   TEXT COLLATE "C" NOT NULL,
    body       TEXT   NOT NULL,
    version    BIGINT NOT NULL
);
CREATE INDEX delegation_agency ON delegation (agency, id);
