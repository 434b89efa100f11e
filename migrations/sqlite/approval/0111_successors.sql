-- Who decided in the authority's place: its successor; or empty.
ALTER TABLE award ADD COLUMN decided_by TEXT NOT NULL DEFAULT '';
