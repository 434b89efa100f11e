-- Bulk acts: a row a job, and a row a dossier of it with what came of it.
CREATE TABLE bulk (
    bulk       TEXT PRIMARY KEY,
    version    BIGINT NOT NULL,
    agency     TEXT NOT NULL,
    status     TEXT NOT NULL,
    sort       TEXT NOT NULL
);
CREATE INDEX bulk_agency ON bulk (agency, sort);
CREATE INDEX bulk_running ON bulk (bulk) WHERE status = 'running';

CREATE TABLE bulk_item (
    bulk    TEXT NOT NULL,
    place   BIGINT NOT NULL,
    dossier TEXT NOT NULL,
    etag    TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason  TEXT NOT NULL,
    step    BIGINT NOT NULL,
    status  TEXT NOT NULL,
    PRIMARY KEY (bulk, place)
);
