-- The journal of one service. Times are microseconds since 1970-01-01T00:00:00Z. The schema is on the search_path.

-- The newest snapshot of each aggregate; head is the hash of its newest history row.
CREATE TABLE aggregate (
    kind            TEXT COLLATE "C" NOT NULL,
    id              TEXT COLLATE "C" NOT NULL,
    version         BIGINT           NOT NULL CHECK (version > 0),
    machine_version BIGINT           NOT NULL,
    seq             BIGINT           NOT NULL CHECK (seq >= 0),
    snapshot        BYTEA            NOT NULL,
    head            BYTEA            NOT NULL CHECK (length(head) = 32),
    PRIMARY KEY (kind, id)
);

-- Accepted inputs, chained by hash over salted commitments.
CREATE TABLE history (
    kind            TEXT COLLATE "C" NOT NULL,
    id              TEXT COLLATE "C" NOT NULL,
    version         BIGINT           NOT NULL CHECK (version > 0),
    machine_version BIGINT           NOT NULL,
    input           BYTEA            NOT NULL,
    actor           TEXT             NOT NULL,
    at              BIGINT           NOT NULL,
    request_id      TEXT             NOT NULL,
    cause           TEXT             NOT NULL,
    traceparent     TEXT             NOT NULL,
    state           TEXT             NOT NULL,
    state_digest    BYTEA            NOT NULL CHECK (length(state_digest) = 32),
    effects_digest  BYTEA            NOT NULL CHECK (length(effects_digest) = 32),
    salt            BYTEA            NOT NULL CHECK (length(salt) = 32),
    commitment      BYTEA            NOT NULL CHECK (length(commitment) = 32),
    hash            BYTEA            NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (kind, id, version)
);

-- Published events: the outbox. Positions are commit order without holes.
CREATE TABLE event (
    position    BIGINT           PRIMARY KEY CHECK (position > 0),
    event_id    TEXT             NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    id          TEXT COLLATE "C" NOT NULL,
    seq         BIGINT           NOT NULL CHECK (seq > 0),
    version     BIGINT           NOT NULL CHECK (version > 0),
    type        TEXT             NOT NULL,
    agency      TEXT             NOT NULL,
    body        BYTEA            NOT NULL,
    at          BIGINT           NOT NULL,
    traceparent TEXT             NOT NULL,
    UNIQUE (kind, id, seq)
);

-- The newest position; its one row is the lock under which positions are given out.
CREATE TABLE head (
    one      BIGINT PRIMARY KEY CHECK (one = 1),
    position BIGINT NOT NULL CHECK (position >= 0)
);

INSERT INTO head (one, position) VALUES (1, 0);

CREATE TABLE timer (
    kind TEXT COLLATE "C" NOT NULL,
    id   TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    due  BIGINT           NOT NULL,
    PRIMARY KEY (kind, id, name)
);

CREATE INDEX timer_due ON timer (due, kind, id, name);

-- Unique keys and the aggregates that hold them.
CREATE TABLE claim (
    claim TEXT COLLATE "C" PRIMARY KEY,
    kind  TEXT             NOT NULL,
    id    TEXT             NOT NULL
);

-- Answered requests: a repeat gets the same answer.
CREATE TABLE request (
    principal  TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    method     TEXT             NOT NULL,
    digest     BYTEA            NOT NULL CHECK (length(digest) = 32),
    reply      BYTEA            NOT NULL,
    at         BIGINT           NOT NULL,
    PRIMARY KEY (principal, request_id)
);

-- Consumed events, each once.
CREATE TABLE inbox (
    consumer  TEXT COLLATE "C" NOT NULL,
    event_id  TEXT COLLATE "C" NOT NULL,
    producer  TEXT             NOT NULL,
    aggregate TEXT             NOT NULL,
    seq       BIGINT           NOT NULL CHECK (seq > 0),
    position  BIGINT           NOT NULL,
    at        BIGINT           NOT NULL,
    PRIMARY KEY (consumer, event_id)
);

-- The last applied event of each producer's aggregate.
CREATE TABLE applied (
    consumer  TEXT COLLATE "C" NOT NULL,
    producer  TEXT COLLATE "C" NOT NULL,
    aggregate TEXT COLLATE "C" NOT NULL,
    seq       BIGINT           NOT NULL CHECK (seq > 0),
    PRIMARY KEY (consumer, producer, aggregate)
);

CREATE TABLE cursor (
    name     TEXT COLLATE "C" PRIMARY KEY,
    position BIGINT           NOT NULL
);

-- Values that never enter history (secret ballots until the count).
CREATE TABLE sealed (
    kind  TEXT COLLATE "C" NOT NULL,
    id    TEXT COLLATE "C" NOT NULL,
    name  TEXT COLLATE "C" NOT NULL,
    value BYTEA            NOT NULL,
    PRIMARY KEY (kind, id, name)
);

-- Events that a consumer could not apply; open while resolution is empty.
CREATE TABLE dead_letter (
    consumer   TEXT COLLATE "C" NOT NULL,
    event_id   TEXT COLLATE "C" NOT NULL,
    producer   TEXT             NOT NULL,
    aggregate  TEXT             NOT NULL,
    seq        BIGINT           NOT NULL,
    position   BIGINT           NOT NULL,
    error      TEXT             NOT NULL,
    at         BIGINT           NOT NULL,
    resolution TEXT             NOT NULL,
    PRIMARY KEY (consumer, event_id)
);

CREATE INDEX dead_letter_open ON dead_letter (consumer, producer, aggregate) WHERE resolution = '';

CREATE TABLE blob (
    sha256 TEXT COLLATE "C" PRIMARY KEY,
    size   BIGINT           NOT NULL CHECK (size >= 0),
    at     BIGINT           NOT NULL
);

CREATE TABLE blob_chunk (
    sha256  TEXT COLLATE "C" NOT NULL,
    n       BIGINT           NOT NULL CHECK (n >= 0),
    content BYTEA            NOT NULL,
    PRIMARY KEY (sha256, n)
);

-- Documents are compressed already.
ALTER TABLE blob_chunk ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE setting (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT             NOT NULL
);

-- Nothing is edited, only appended. Input, actor and salt stay open, for the erasure of personal data.
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER history_is_not_deleted BEFORE DELETE OR TRUNCATE ON history
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER history_is_not_changed
    BEFORE UPDATE OF kind, id, version, machine_version, at, request_id, cause, traceparent, state, state_digest,
        effects_digest, commitment, hash ON history
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER event_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
