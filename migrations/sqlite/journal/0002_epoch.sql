-- Which history this is. Events after `position` were born in the epoch; a restored database begins a new one.
CREATE TABLE epoch (
    number   INTEGER PRIMARY KEY CHECK (number > 0),
    id       TEXT    NOT NULL UNIQUE,
    position INTEGER NOT NULL CHECK (position >= 0),
    at       INTEGER NOT NULL,
    reason   TEXT    NOT NULL
) STRICT;

CREATE TRIGGER epoch_is_not_deleted BEFORE DELETE ON epoch
BEGIN
    SELECT RAISE(ABORT, 'epochs are never deleted');
END;

CREATE TRIGGER epoch_is_not_changed BEFORE UPDATE ON epoch
BEGIN
    SELECT RAISE(ABORT, 'epochs are never changed');
END;

-- What a consumer has applied of a producer's aggregate and the restored producer does not have. Its events wait while
-- `resolution` is empty. `common` is the last seq that both have; `lost` is JSON.
CREATE TABLE restore_difference (
    consumer    TEXT    NOT NULL,
    producer    TEXT    NOT NULL,
    aggregate   TEXT    NOT NULL,
    epoch       TEXT    NOT NULL,
    common      INTEGER NOT NULL CHECK (common >= 0),
    applied     INTEGER NOT NULL CHECK (applied > 0),
    owner       INTEGER NOT NULL CHECK (owner >= 0),
    lost        TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    resolution  TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    resolved_by TEXT    NOT NULL,
    resolved_at INTEGER NOT NULL,
    PRIMARY KEY (consumer, producer, aggregate, epoch)
) STRICT, WITHOUT ROWID;

CREATE INDEX restore_difference_open ON restore_difference (producer, aggregate) WHERE resolution = '';
