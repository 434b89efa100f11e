-- Who acts for whom. Days are ISO 8601; valid_to is the last day on which it holds, empty once it was ended; body is the
-- delegation as JSON.
CREATE TABLE delegation (
    id         TEXT    NOT NULL PRIMARY KEY,
    agency     TEXT    NOT NULL,
    valid_from TEXT    NOT NULL,
    valid_to   TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    version    INTEGER NOT NULL
) STRICT;
CREATE INDEX delegation_agency ON delegation (agency, id);
