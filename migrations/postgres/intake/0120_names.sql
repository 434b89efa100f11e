-- What a search finds candidates by: the folded name from each of its words on, its first 40 characters.
CREATE TABLE dossier_name (
    name    TEXT COLLATE "C" NOT NULL,
    dossier TEXT NOT NULL,
    agency  TEXT NOT NULL,
    PRIMARY KEY (name, dossier)
);
CREATE INDEX dossier_name_agency ON dossier_name (agency, name, dossier);
INSERT INTO dossier_name (name, dossier, agency)
WITH RECURSIVE part (dossier, agency, rest) AS (
    SELECT dossier, submitting_agency, candidate_folded FROM dossier
    UNION ALL
    SELECT dossier, agency, substr(rest, strpos(rest, ' ') + 1) FROM part WHERE strpos(rest, ' ') > 0
)
SELECT substr(rest, 1, 40), dossier, agency FROM part WHERE rest <> '' ON CONFLICT (name, dossier) DO NOTHING;
