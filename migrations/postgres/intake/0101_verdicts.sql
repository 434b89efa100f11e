-- Every verdict on a dossier (packed), the parts of the directory that verdicts looked at, and what shares are counted of.
CREATE TABLE verdict (
    dossier TEXT NOT NULL,
    number  BIGINT NOT NULL,
    body    BYTEA NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (dossier, number)
);
CREATE TABLE directory_extract (
    digest TEXT PRIMARY KEY,
    body   TEXT NOT NULL
);
CREATE TABLE share_base (
    agency      TEXT NOT NULL,
    award       TEXT NOT NULL,
    year        BIGINT NOT NULL,
    count       BIGINT NOT NULL,
    source      TEXT NOT NULL,
    declared_by TEXT NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (agency, award, year)
);
ALTER TABLE dossier ADD COLUMN award_year BIGINT NOT NULL DEFAULT 0;
-- All that a count of shares looks at, so that it reads no row.
CREATE INDEX dossier_share ON dossier (submitting_agency, award_year, award, status, rule_set);
