-- Who has a task in hand, or empty; and the counts beside a worklist without reading its rows.
ALTER TABLE course ADD COLUMN assigned_to TEXT NOT NULL DEFAULT '';
CREATE INDEX course_hand ON course (waiting_on, assigned_to, deadline);
