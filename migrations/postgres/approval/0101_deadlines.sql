-- What runs of a course: by whose calendar, until when (both empty if nothing that is counted does), and how it was counted.
ALTER TABLE course ADD COLUMN clock_agency TEXT NOT NULL DEFAULT '';
ALTER TABLE course ADD COLUMN clock_until TEXT NOT NULL DEFAULT '';
ALTER TABLE course ADD COLUMN deadlines BYTEA;
CREATE INDEX course_clock ON course (dossier) WHERE clock_until <> '';
CREATE INDEX course_clock_agency ON course (clock_agency, dossier) WHERE clock_until <> '';
