-- The directory's read model. Days are ISO 8601, or empty; body is the agency as JSON.
CREATE TABLE agency (
    code       TEXT    NOT NULL PRIMARY KEY,
    level      TEXT    NOT NULL,
    valid_from TEXT    NOT NULL,
    valid_to   TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    version    INTEGER NOT NULL
) STRICT;
