-- Which history this is. Events after `position` were born in the epoch; a restored database begins a new one.
CREATE TABLE epoch (
    number   BIGINT PRIMARY KEY CHECK (number > 0),
    id       TEXT   NOT NULL UNIQUE,
    position BIGINT NOT NULL CHECK (position >= 0),
    at       BIGINT NOT NULL,
    reason   TEXT   NOT NULL
);

CREATE TRIGGER epoch_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON epoch
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- What a consumer has applied of a producer's aggregate and the restored producer does not have. Its events wait while
-- `resolution` is empty. `common` is the last seq that both have; `lost` is JSON.
CREATE TABLE restore_difference (
    consumer    TEXT COLLATE "C" NOT NULL,
    producer    TEXT COLLATE "C" NOT NULL,
    aggregate   TEXT COLLATE "C" NOT NULL,
    epoch       TEXT COLLATE "C" NOT NULL,
    common      BIGINT           NOT NULL CHECK (common >= 0),
    applied     BIGINT           NOT NULL CHECK (applied > 0),
    owner       BIGINT           NOT NULL CHECK (owner >= 0),
    lost        TEXT             NOT NULL,
    at          BIGINT           NOT NULL,
    resolution  TEXT             NOT NULL,
    reason      TEXT             NOT NULL,
    resolved_by TEXT             NOT NULL,
    resolved_at BIGINT           NOT NULL,
    PRIMARY KEY (consumer, producer, aggregate, epoch)
);

CREATE INDEX restore_difference_open ON restore_difference (producer, aggregate) WHERE resolution = '';
