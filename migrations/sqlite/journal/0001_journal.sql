-- The journal of one service. Times are microseconds since 1970-01-01T00:00:00Z.

-- The newest snapshot of each aggregate; head is the hash of its newest history row, the salt that of all their commitments.
-- The number stands for the key in the rows of which there are many.
CREATE TABLE aggregate (
    number          INTEGER PRIMARY KEY,
    version         INTEGER NOT NULL CHECK (version > 0),
    machine_version INTEGER NOT NULL,
    seq             INTEGER NOT NULL CHECK (seq >= 0),
    kind            TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    head            BLOB    NOT NULL CHECK (length(head) = 32),
    salt            BLOB    NOT NULL CHECK (length(salt) = 16),
    snapshot        BLOB    NOT NULL,
    UNIQUE (kind, id)
) STRICT;

-- Accepted inputs, chained by hash over salted commitments to input and actor, which are packed as one. A commitment follows
-- from its row; it is kept in all rows of an aggregate whose contents and salt were erased. Ids are compact.
CREATE TABLE history (
    number          INTEGER NOT NULL,
    version         INTEGER NOT NULL CHECK (version > 0),
    machine_version INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    content         BLOB    NOT NULL,
    request_id      BLOB    NOT NULL,
    cause           BLOB    NOT NULL,
    traceparent     TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    outcome         BLOB    NOT NULL CHECK (length(outcome) = 16),
    commitment      BLOB    CHECK (length(commitment) = 32),
    hash            BLOB    NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (number, version)
) STRICT;

-- Nothing is edited, only appended. Content and the commitment in its place stay open, for the erasure of
-- personal data: the hash holds whatever the commitment says.
CREATE TRIGGER history_is_not_deleted BEFORE DELETE ON history
BEGIN
    SELECT RAISE(ABORT, 'history is never deleted');
END;

CREATE TRIGGER history_is_not_changed
BEFORE UPDATE OF number, version, machine_version, at, request_id, cause, traceparent, state, outcome,
    hash ON history
BEGIN
    SELECT RAISE(ABORT, 'history is never changed');
END;

-- Published events: the outbox. Positions are commit order without holes.
CREATE TABLE event (
    position    INTEGER PRIMARY KEY CHECK (position > 0),
    number      INTEGER NOT NULL,
    seq         INTEGER NOT NULL CHECK (seq > 0),
    version     INTEGER NOT NULL CHECK (version > 0),
    at          INTEGER NOT NULL,
    event_id    BLOB    NOT NULL,
    type        TEXT    NOT NULL,
    agency      TEXT    NOT NULL,
    body        BLOB    NOT NULL,
    traceparent TEXT    NOT NULL,
    UNIQUE (number, seq)
) STRICT;

CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event
BEGIN
    SELECT RAISE(ABORT, 'events are never deleted');
END;

CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
END;

-- The newest position; its one row is the lock under which positions are given out.
CREATE TABLE head (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL CHECK (position >= 0)
) STRICT;

INSERT INTO head (one, position) VALUES (1, 0);

CREATE TABLE timer (
    kind TEXT    NOT NULL,
    id   TEXT    NOT NULL,
    name TEXT    NOT NULL,
    due  INTEGER NOT NULL,
    PRIMARY KEY (kind, id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX timer_due ON timer (due, kind, id, name);

-- Unique keys and the aggregates that hold them.
CREATE TABLE claim (
    claim TEXT PRIMARY KEY,
    kind  TEXT NOT NULL,
    id    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Answered requests: a repeat gets the same answer, which is the method and its reply. The scope stands for the principal. Ids that begin with the time, as ours do, come at the end.
CREATE TABLE request (
    request_id BLOB    NOT NULL,
    scope      BLOB    NOT NULL CHECK (length(scope) = 16),
    digest     BLOB    NOT NULL CHECK (length(digest) = 16),
    answer     BLOB    NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (request_id, scope)
) STRICT, WITHOUT ROWID;

-- Consumed events, each once, in the order in which they come: at the end of the table. The number is that of the feed that
-- it came on.
CREATE TABLE inbox (
    position INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    seq      INTEGER NOT NULL CHECK (seq > 0),
    at       INTEGER NOT NULL,
    event_id BLOB    NOT NULL,
    PRIMARY KEY (position, number, event_id)
) STRICT, WITHOUT ROWID;

-- Consumed events that their restored producer may come to again, at another position or after they were set back.
CREATE TABLE displaced (
    consumer TEXT NOT NULL,
    event_id TEXT NOT NULL,
    PRIMARY KEY (consumer, event_id)
) STRICT, WITHOUT ROWID;

-- The last applied event of each producer's aggregate, at each consumer; 0 if it was set back to none. The number stands for
-- the three in the inbox.
CREATE TABLE applied (
    number    INTEGER PRIMARY KEY,
    consumer  TEXT    NOT NULL,
    producer  TEXT    NOT NULL,
    aggregate BLOB    NOT NULL,
    seq       INTEGER NOT NULL CHECK (seq >= 0),
    UNIQUE (aggregate, producer, consumer)
) STRICT;

CREATE TABLE cursor (
    name     TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Values that never enter history (secret ballots until the count).
CREATE TABLE sealed (
    kind  TEXT NOT NULL,
    id    TEXT NOT NULL,
    name  TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (kind, id, name)
) STRICT, WITHOUT ROWID;

-- Events that a consumer could not apply; open while resolution is empty.
CREATE TABLE dead_letter (
    consumer   TEXT    NOT NULL,
    event_id   TEXT    NOT NULL,
    producer   TEXT    NOT NULL,
    aggregate  TEXT    NOT NULL,
    seq        INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    error      TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    resolution TEXT    NOT NULL,
    PRIMARY KEY (consumer, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX dead_letter_open ON dead_letter (consumer, producer, aggregate) WHERE resolution = '';

CREATE TABLE blob (
    sha256 TEXT PRIMARY KEY,
    size   INTEGER NOT NULL CHECK (size >= 0),
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE blob_chunk (
    sha256  TEXT    NOT NULL,
    n       INTEGER NOT NULL CHECK (n >= 0),
    content BLOB    NOT NULL,
    PRIMARY KEY (sha256, n)
) STRICT;

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
