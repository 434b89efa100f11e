//! The read model of opinions that were asked for: of every station, and on whom they wait.

use host::Fault;
use journal::{Row, Sql, Value, Write};
use machine::Snapshot;
use proto::approval::v1;

use crate::{
    machine::{Answer, Consultation, Course, State},
    views::text,
};

const PUT: Sql = "INSERT INTO consultation (dossier, station, agency, asked_by, asked_on, until, answer, body, \
     answered_on, open) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
     ON CONFLICT (dossier, station, agency) DO UPDATE SET asked_by = excluded.asked_by, asked_on = excluded.asked_on, \
     until = excluded.until, answer = excluded.answer, body = excluded.body, answered_on = excluded.answered_on, \
     open = excluded.open";
const OF_DOSSIER: Sql = "SELECT station, asked_by, agency, asked_on, until, answer, body, answered_on \
     FROM consultation WHERE dossier = $1 ORDER BY station, asked_on, agency";
/// What waits on the opinion of agency `$1` and stands in another agency's row of the worklist.
pub(crate) const TASKS: Sql = "SELECT c.dossier, c.version, c.award, c.candidate, c.submitting_agency, c.status, c.level, \
     c.agency, c.step, c.waiting_on, c.waiting_for, c.deadline, c.rule_set, c.verdict, c.decision_number, c.decided_on, \
     c.bonus_vnd, c.letter_number, c.updated_at, c.deadlines FROM consultation o JOIN course c ON c.dossier = o.dossier \
     WHERE o.agency = $1 AND o.open = 1 AND o.dossier > $2 AND c.waiting_on <> 'officer@' || o.agency \
     ORDER BY o.dossier LIMIT $3";
/// How much of it there is.
pub(crate) const COUNT_TASKS: Sql = "SELECT COUNT(*) FROM consultation o JOIN course c ON c.dossier = o.dossier \
     WHERE o.agency = $1 AND o.open = 1 AND c.waiting_on <> 'officer@' || o.agency";
/// Dossiers with an opinion of agency `$1` that is due on `$2` or later, after one id.
pub(crate) const OPEN_DEADLINES: Sql = "SELECT dossier FROM consultation WHERE agency = $1 AND open = 1 AND until >= $2 \
     AND dossier > $3 ORDER BY dossier LIMIT $4";

/// Every statement, for the test that prepares each on both stores.
pub(crate) const STATEMENTS: [Sql; 5] = [PUT, OF_DOSSIER, TASKS, COUNT_TASKS, OPEN_DEADLINES];

/// What a step changes of it.
pub(crate) fn project(id: &str, at: &Snapshot<Course>) -> Vec<Write> {
    let course = &at.data;
    let consulting = matches!(at.state, State::Consulting { .. });
    let one = |asked: &Consultation| {
        let shown = shown(course.station, asked);
        Write {
            sql: PUT,
            args: vec![
                text(id),
                Value::Int(course.station as i64),
                text(shown.agency),
                text(shown.asked_by),
                text(shown.asked_on),
                text(shown.until),
                text(shown.answer),
                text(shown.text),
                text(shown.answered_on),
                Value::Int(i64::from(consulting && asked.is_open())),
            ],
        }
    };
    course.consultations.iter().map(one).collect()
}

/// The present station's, as the snapshot has them.
pub(crate) fn show(course: &Course) -> Vec<v1::Consultation> {
    course
        .consultations
        .iter()
        .map(|asked| shown(course.station, asked))
        .collect()
}

fn shown(station: usize, asked: &Consultation) -> v1::Consultation {
    let (answer, text, answered_on) = match &asked.answer {
        Answer::Asked => ("asked", String::new(), String::new()),
        Answer::Silent => ("silent", String::new(), String::new()),
        Answer::Given { agrees, text, on } => {
            let answer = if *agrees { "agree" } else { "disagree" };
            (answer, text.clone(), on.to_string())
        }
    };
    v1::Consultation {
        station: station as u32,
        asked_by: asked.asked_by.clone(),
        agency: asked.agency.clone(),
        asked_on: asked.until.began.to_string(),
        until: asked.until.day.to_string(),
        answer: answer.to_owned(),
        text,
        answered_on,
    }
}

/// Those of every station, oldest first.
pub(crate) fn of_dossier(unit: &mut host::Unit, dossier: &str) -> Result<Vec<v1::Consultation>, Fault> {
    let rows = unit.query(OF_DOSSIER, &[text(dossier)])?;
    Ok(rows.iter().map(read).collect())
}

fn read(row: &Row) -> v1::Consultation {
    let text = |at: usize| match row.get(at) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    };
    v1::Consultation {
        station: match row.first() {
            Some(Value::Int(station)) => *station as u32,
            _ => 0,
        },
        asked_by: text(1),
        agency: text(2),
        asked_on: text(3),
        until: text(4),
        answer: text(5),
        text: text(6),
        answered_on: text(7),
    }
}
