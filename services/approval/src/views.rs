//! The read model: worklists and searches. What is shown of one course comes from its newest snapshot.

mod lists;
mod prospect;
mod shown;
mod succession;

use host::{Aggregate, Published};
use journal::{Row, Sql, Value, Write};
use machine::{Snapshot, Timestamp};
use prost::Message;
use proto::approval::v1::{Deadlines, Event, Step, event::Fact};

pub(crate) use lists::{Asker, Filter, Hand, courses, tasks};
use lists::{COUNT_TASKS, OF_AGENCY, OF_ALL, TASKS};
pub(crate) use shown::show;
pub(crate) use succession::{acting, places, today};

use crate::{
    machine::{Course, Decision, Letter, Numbering, OfficeCalendar, State},
    opinions, register,
};

const PUT: Sql = "INSERT INTO course (dossier, version, award, candidate, candidate_folded, submitting_agency, status, \
     level, agency, step, waiting_on, waiting_for, deadline, rule_set, verdict, decision_number, decided_on, bonus_vnd, \
     letter_number, updated_at, clock_agency, clock_until, deadlines, assigned_to) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
     $24) \
     ON CONFLICT (dossier) DO UPDATE SET version = excluded.version, award = excluded.award, status = excluded.status, level = excluded.level, \
     agency = excluded.agency, step = excluded.step, waiting_on = excluded.waiting_on, \
     waiting_for = excluded.waiting_for, deadline = excluded.deadline, verdict = excluded.verdict, \
     decision_number = excluded.decision_number, decided_on = excluded.decided_on, bonus_vnd = excluded.bonus_vnd, \
     letter_number = excluded.letter_number, updated_at = excluded.updated_at, clock_agency = excluded.clock_agency, \
     clock_until = excluded.clock_until, deadlines = excluded.deadlines, assigned_to = excluded.assigned_to";
const PUT_READER: Sql =
    "INSERT INTO course_reader (agency, dossier) VALUES ($1, $2) ON CONFLICT (agency, dossier) DO NOTHING";

/// Dossiers with a deadline that has not passed on `$1`, after one id.
pub(crate) const OPEN_DEADLINES: Sql = "SELECT dossier FROM course WHERE clock_until <> '' AND clock_until >= $1 \
     AND dossier > $2 ORDER BY dossier LIMIT $3";
/// The same, where it runs by the calendar of agency `$1`.
pub(crate) const OPEN_DEADLINES_AT: Sql = "SELECT dossier FROM course WHERE clock_agency = $1 AND clock_until <> '' \
     AND clock_until >= $2 AND dossier > $3 ORDER BY dossier LIMIT $4";

/// Every statement, for the test that prepares each on both stores.
pub(crate) const STATEMENTS: [Sql; 8] = [
    PUT,
    PUT_READER,
    TASKS,
    COUNT_TASKS,
    OF_AGENCY,
    OF_ALL,
    OPEN_DEADLINES,
    OPEN_DEADLINES_AT,
];

pub(crate) fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

impl Aggregate for Course {
    fn project(id: &str, version: u64, at: &Snapshot<Self>, now: Timestamp) -> Vec<Write> {
        let shown = show(id, version, at, now);
        let (clock_agency, clock_until) = clock(&at.data);
        let mut writes = vec![Write {
            sql: PUT,
            args: vec![
                text(id),
                Value::Int(version as i64),
                text(shown.award),
                text(shown.candidate.clone()),
                text(host::fold(&shown.candidate)),
                text(shown.submitting_agency),
                text(shown.status),
                text(shown.level),
                text(shown.agency),
                text(Step::try_from(shown.step).unwrap_or_default().as_str_name()),
                text(shown.waiting_on),
                text(shown.waiting_for),
                text(shown.deadline),
                text(shown.rule_set),
                text(shown.verdict),
                text(shown.decision_number),
                text(shown.decided_on),
                Value::Int(shown.bonus_vnd),
                text(shown.letter_number),
                Value::Int(now.0),
                text(clock_agency),
                text(clock_until),
                Value::Bytes(
                    Deadlines {
                        deadlines: shown.deadlines,
                    }
                    .encode_to_vec(),
                ),
                text(shown.assigned_to),
            ],
        }];
        if version == 1 || at.state == State::Receiving || !at.data.moves.is_empty() {
            writes.extend(readers(&at.data).into_iter().map(|agency| Write {
                sql: PUT_READER,
                args: vec![Value::Text(agency), text(id)],
            }));
        }
        writes.extend(opinions::project(id, at));
        writes.extend(register::project(id, at));
        writes
    }

    fn published(event: &Event) -> Published {
        let event_type = match &event.fact {
            Some(Fact::Opened(_)) => "dossier.in-review",
            Some(Fact::Received(_)) => "dossier.received",
            Some(Fact::Appraised(_)) => "dossier.appraised",
            Some(Fact::Published(_)) => "dossier.published",
            Some(Fact::PublicationEnded(_)) => "dossier.publication-ended",
            Some(Fact::CouncilDue(_)) => "dossier.council-due",
            Some(Fact::CouncilConcluded(_)) => "dossier.council-concluded",
            Some(Fact::Forwarded(_)) => "dossier.forwarded",
            Some(Fact::Returned(_)) => "dossier.returned",
            Some(Fact::Resubmitted(_)) => "dossier.resubmitted",
            Some(Fact::Suspended(_)) => "dossier.suspended",
            Some(Fact::Resumed(_)) => "dossier.resumed",
            Some(Fact::Withdrawn(_)) => "dossier.withdrawn",
            Some(Fact::Recalled(_)) => "dossier.recalled",
            Some(Fact::Awarded(_)) => "dossier.awarded",
            Some(Fact::Refused(_)) => "dossier.refused",
            Some(Fact::Presented(_)) => "dossier.presented",
            Some(Fact::Overdue(_)) => "dossier.overdue",
            Some(Fact::Commented(_)) => "dossier.commented",
            Some(Fact::DeadlineMoved(_)) => "dossier.deadline-moved",
            Some(Fact::ConsultationAsked(_)) => "dossier.consultation-asked",
            Some(Fact::Replied(_)) => "dossier.consultation-replied",
            Some(Fact::ConsultationLapsed(_)) => "dossier.consultation-lapsed",
            Some(Fact::ConsultationEnded(_)) => "dossier.consultation-ended",
            Some(Fact::CandidateDied(_)) => "dossier.candidate-died",
            Some(Fact::Corrected(_)) => "dossier.corrected",
            Some(Fact::Revoked(_)) => "dossier.revoked",
            Some(Fact::Restored(_)) => "dossier.restored",
            Some(Fact::Reissued(_)) => "dossier.reissued",
            Some(Fact::Escalated(_)) => "dossier.escalated",
            Some(Fact::Lowered(_)) => "dossier.lowered",
            Some(Fact::DueSoon(_)) => "dossier.due-soon",
            Some(Fact::SentBack(_)) => "dossier.sent-back",
            Some(Fact::DecisionPublished(_)) => "dossier.decision-published",
            Some(Fact::CandidateMoved(_)) => "dossier.candidate-moved",
            Some(Fact::TakenOver(_)) => "dossier.taken-over",
            Some(Fact::RecordedAwardRevoked(_)) => "recorded-award.revoked",
            Some(Fact::RecordedAwardRestored(_)) => "recorded-award.restored",
            None => "dossier.changed",
        };
        Published {
            event_type,
            agency: event.agency.clone(),
            body: event.encode_to_vec(),
        }
    }
}

macro_rules! paper_without_view {
    ($($paper:ty)*) => {$(
        impl Aggregate for $paper {
            fn project(_: &str, _: u64, _: &Snapshot<Self>, _: Timestamp) -> Vec<Write> {
                Vec::new()
            }

            fn published(event: &Event) -> Published {
                Course::published(event)
            }
        }
    )*};
}

paper_without_view!(Letter Decision Numbering OfficeCalendar);

/// Who may read a course: its proposer and every agency of its way.
pub(crate) fn readers(course: &Course) -> Vec<String> {
    let Some(opening) = &course.opening else {
        return Vec::new();
    };
    let mut all = vec![opening.submitting_agency.clone(), opening.candidate_agency.clone()];
    all.extend(course.moves.iter().map(|moved| moved.to.clone()));
    for station in &opening.route.stations {
        all.push(station.appraiser.clone());
        all.extend(station.signer.clone());
        all.extend(station.decider.clone());
        all.extend(station.council.as_ref().map(|rule| rule.agency.clone()));
    }
    all.sort();
    all.dedup();
    all
}

/// By whose calendar what is counted runs, and the last day of it; both empty if nothing does.
fn clock(course: &Course) -> (String, String) {
    let counted = course.running().filter(|(_, deadline)| deadline.count.is_some());
    let last = counted.max_by_key(|(_, deadline)| deadline.day);
    last.map_or_else(Default::default, |(_, deadline)| {
        (deadline.agency.clone(), deadline.day.to_string())
    })
}

/// The id in a row of [`OPEN_DEADLINES`].
pub(crate) fn id(row: Row) -> Option<String> {
    match row.into_iter().next() {
        Some(Value::Text(id)) => Some(id),
        _ => None,
    }
}
