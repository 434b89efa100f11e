//! The read model: worklists and searches. What is shown of one course comes from its newest snapshot.

mod prospect;

use host::{Aggregate, Fault, Published, paging::Page};
use journal::{Row, Sql, Store, Value, Write};
use law::{Agencies, DayUnit};
use machine::{Snapshot, Timestamp, Waiting};
use prost::Message;
use proto::approval::v1::{self, Bonus, Course as CourseMessage, Deadlines, Event, Step, event::Fact};

use crate::{
    machine::{Council, Course, Deadline, Decision, Letter, OfficeCalendar, Reckoned, State},
    opinions, register,
};

const PUT: Sql = "INSERT INTO course (dossier, version, award, candidate, candidate_folded, submitting_agency, status, \
     level, agency, step, waiting_on, waiting_for, deadline, rule_set, verdict, decision_number, decided_on, bonus_vnd, \
     letter_number, updated_at, clock_agency, clock_until, deadlines, assigned_to) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
     $24) \
     ON CONFLICT (dossier) DO UPDATE SET version = excluded.version, status = excluded.status, level = excluded.level, \
     agency = excluded.agency, step = excluded.step, waiting_on = excluded.waiting_on, \
     waiting_for = excluded.waiting_for, deadline = excluded.deadline, verdict = excluded.verdict, \
     decision_number = excluded.decision_number, decided_on = excluded.decided_on, bonus_vnd = excluded.bonus_vnd, \
     letter_number = excluded.letter_number, updated_at = excluded.updated_at, clock_agency = excluded.clock_agency, \
     clock_until = excluded.clock_until, deadlines = excluded.deadlines, assigned_to = excluded.assigned_to";
const PUT_READER: Sql =
    "INSERT INTO course_reader (agency, dossier) VALUES ($1, $2) ON CONFLICT (agency, dossier) DO NOTHING";

const TASKS: Sql = "SELECT dossier, version, award, candidate, submitting_agency, status, level, agency, step, waiting_on, \
     waiting_for, deadline, rule_set, verdict, decision_number, decided_on, bonus_vnd, letter_number, updated_at, \
     deadlines, assigned_to \
     FROM course WHERE waiting_on = $1 AND dossier > $2 AND ($3 = 0 OR assigned_to = $4) ORDER BY dossier LIMIT $5";
/// What waits on a role: in all, in one person's hand, in nobody's, and with a limit that ends by `$4` or ended before
/// `$3`.
const COUNT_TASKS: Sql = "SELECT COUNT(*), COUNT(CASE WHEN assigned_to = $2 THEN 1 END), \
     COUNT(CASE WHEN assigned_to = '' THEN 1 END), \
     COUNT(CASE WHEN deadline >= $3 AND deadline <= $4 THEN 1 END), \
     COUNT(CASE WHEN deadline <> '' AND deadline < $3 THEN 1 END) FROM course WHERE waiting_on = $1";
const OF_AGENCY: Sql = "SELECT c.dossier, c.version, c.award, c.candidate, c.submitting_agency, c.status, c.level, \
     c.agency, c.step, c.waiting_on, c.waiting_for, c.deadline, c.rule_set, c.verdict, c.decision_number, c.decided_on, \
     c.bonus_vnd, c.letter_number, c.updated_at, c.deadlines, c.assigned_to FROM course_reader r JOIN course c ON c.dossier = r.dossier \
     WHERE r.agency = $1 AND r.dossier > $2 AND ($3 = '' OR c.status = $3) AND ($4 = '' OR c.level = $4) \
     AND ($5 = '' OR c.award = $5) ORDER BY r.dossier LIMIT $6";
const OF_ALL: Sql = "SELECT dossier, version, award, candidate, submitting_agency, status, level, agency, step, waiting_on, \
     waiting_for, deadline, rule_set, verdict, decision_number, decided_on, bonus_vnd, letter_number, updated_at, \
     deadlines, assigned_to \
     FROM course WHERE dossier > $1 AND ($2 = '' OR status = $2) AND ($3 = '' OR level = $3) AND ($4 = '' OR award = $4) \
     ORDER BY dossier LIMIT $5";

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
        if version == 1 || at.state == State::Receiving {
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
            Some(Fact::Escalated(_)) => "dossier.escalated",
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

paper_without_view!(Letter Decision OfficeCalendar);

/// Who may read a course: its proposer and every agency of its way.
pub(crate) fn readers(course: &Course) -> Vec<String> {
    let Some(opening) = &course.opening else {
        return Vec::new();
    };
    let mut all = vec![opening.submitting_agency.clone(), opening.candidate_agency.clone()];
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

/// A course as people see it.
pub(crate) fn show(id: &str, version: u64, at: &Snapshot<Course>, now: Timestamp) -> CourseMessage {
    let course = &at.data;
    let Some(opening) = &course.opening else {
        return CourseMessage {
            dossier: id.to_owned(),
            ..CourseMessage::default()
        };
    };
    let decided = course.decided.as_ref();
    let (waiting_on, waiting_for) = match at.waiting() {
        Waiting::On { role, agency } => (format!("{role}@{agency}"), String::new()),
        Waiting::Timer(name) => match &at.state {
            State::Publishing { running: true } => {
                let last = course.publication.as_ref().map(|last| last.day.to_string());
                (String::new(), format!("{name} until {}", last.unwrap_or_default()))
            }
            _ => (String::new(), name.to_owned()),
        },
        Waiting::Service(name) => (String::new(), name.to_owned()),
        Waiting::Final => (String::new(), String::new()),
    };
    let council = match course.council {
        Council::None => "",
        Council::Pending => "pending",
        Council::Running => "running",
        Council::Passed => "passed",
        Council::Failed => "failed",
    };
    CourseMessage {
        dossier: id.to_owned(),
        award: opening.award.clone(),
        candidate: opening.candidate_name.clone(),
        submitting_agency: opening.submitting_agency.clone(),
        status: at.state.status().to_owned(),
        level: course
            .at()
            .map(|station| station.level.as_str().to_owned())
            .unwrap_or_default(),
        agency: course.agency(&at.state),
        step: at.state.step().unwrap_or_default().into(),
        deadline: due(at).map(|limit| limit.day.to_string()).unwrap_or_default(),
        waiting_on,
        waiting_for,
        rule_set: opening.route.rule_set.clone(),
        verdict: opening.verdict.clone(),
        decision_number: decided.map(|decided| decided.number.clone()).unwrap_or_default(),
        decided_on: decided.map(|decided| decided.on.to_string()).unwrap_or_default(),
        bonus_vnd: decided.map_or(0, |decided| decided.bonus_vnd),
        letter_number: course.letter.clone(),
        levels: opening
            .route
            .stations
            .iter()
            .map(|station| station.level.as_str().to_owned())
            .collect(),
        etag: version.to_string(),
        updated_at: now.0,
        route: serde_json::to_string(&opening.route).unwrap_or_default(),
        council: council.to_owned(),
        bonus: decided.and_then(|decided| decided.bonus.as_ref()).map(bonus),
        deadlines: deadlines(course),
        assigned_to: course.assigned.as_ref().map(|held| held.to.clone()).unwrap_or_default(),
        prospect: prospect::prospect(at),
        consultations: opinions::show(course),
        died_on: course.died.as_ref().map(|died| died.on.to_string()).unwrap_or_default(),
        death_source: course.died.as_ref().map(|died| died.source.clone()).unwrap_or_default(),
        amendments: course.amendments.iter().map(register::amendment).collect(),
        recovery: course.recovery.as_ref().map(register::recovery),
    }
}

/// The deadline of whoever is waited for: the first opinion's, else the station's.
fn due(at: &Snapshot<Course>) -> Option<&Deadline> {
    match &at.state {
        State::Consulting { .. } => at.data.consulted().map(|first| &first.until),
        _ => at.data.limit.as_ref(),
    }
}

/// By whose calendar what is counted runs, and the last day of it; both empty if nothing does.
fn clock(course: &Course) -> (String, String) {
    let counted = course.running().filter(|(_, deadline)| deadline.count.is_some());
    let last = counted.max_by_key(|(_, deadline)| deadline.day);
    last.map_or_else(Default::default, |(_, deadline)| {
        (deadline.agency.clone(), deadline.day.to_string())
    })
}

/// How every running deadline was counted.
fn deadlines(course: &Course) -> Vec<v1::Deadline> {
    let shown = course.running().map(|(which, deadline)| {
        let plain = v1::Deadline {
            kind: which.as_str().to_owned(),
            until: deadline.day.to_string(),
            agency: deadline.agency.clone(),
            began: deadline.began.to_string(),
            unconfirmed_years: deadline.unconfirmed.clone(),
            ..v1::Deadline::default()
        };
        let Some(count) = &deadline.count else { return plain };
        let stops = count.stops.iter().map(|stop| v1::Stop {
            on: stop.on.to_string(),
            until: stop.until.to_string(),
        });
        v1::Deadline {
            days: count.days,
            unit: match count.unit {
                DayUnit::Working => "working",
                DayUnit::Calendar => "calendar",
            }
            .to_owned(),
            first_counted: count.first_counted,
            from: count.from.to_string(),
            left: count.left,
            stops: stops.collect(),
            article: count.article.clone().unwrap_or_default(),
            confirmed: count.confirmed,
            ..plain
        }
    });
    shown.collect()
}

/// The id in a row of [`OPEN_DEADLINES`].
pub(crate) fn id(row: Row) -> Option<String> {
    match row.into_iter().next() {
        Some(Value::Text(id)) => Some(id),
        _ => None,
    }
}

fn bonus(reckoned: &Reckoned) -> Bonus {
    Bonus {
        coefficient: reckoned.coefficient.clone(),
        base_vnd: reckoned.base_vnd,
        rounded_up_to_vnd: reckoned.rounded_up_to_vnd,
        at_most: reckoned.at_most,
        article: reckoned.article.clone(),
        confirmed: reckoned.confirmed,
    }
}

/// Filters of a list of courses; an empty one does not filter.
pub(crate) struct Filter<'a> {
    pub(crate) status: &'a str,
    pub(crate) level: &'a str,
    pub(crate) award: &'a str,
}

/// Courses that these agencies may read; all of them for `None`.
pub(crate) async fn courses(
    store: &dyn Store,
    agencies: Option<&[String]>,
    filter: &Filter<'_>,
    page: &Page,
) -> Result<(Vec<CourseMessage>, String), Fault> {
    let mut args = vec![
        text(&page.after),
        text(filter.status),
        text(filter.level),
        text(filter.award),
    ];
    args.push(Value::Int(page.limit()));
    let mut courses: Vec<CourseMessage> = Vec::new();
    match agencies {
        None => courses.extend(store.query(OF_ALL, &args).await?.iter().map(listed)),
        Some(agencies) => {
            for agency in agencies {
                let of_one = [vec![text(agency)], args.clone()].concat();
                courses.extend(store.query(OF_AGENCY, &of_one).await?.iter().map(listed));
            }
        }
    }
    let next = cut(&mut courses, page);
    Ok((courses, next))
}

/// In whose hand tasks are looked for.
#[derive(Debug)]
pub(crate) enum Hand {
    /// In anybody's.
    Any,
    /// In this person's.
    Of(String),
    /// In nobody's.
    Nobodys,
}

/// What waits on any of these `ROLE@AGENCY` and is in a hand, and how much of it there is.
pub(crate) async fn tasks(
    store: &dyn Store,
    waiting_on: &[String],
    hand: &Hand,
    page: &Page,
) -> Result<(Vec<CourseMessage>, String, i64), Fault> {
    let (filtered, person) = match hand {
        Hand::Any => (0, ""),
        Hand::Of(person) => (1, person.as_str()),
        Hand::Nobodys => (1, ""),
    };
    let (mut tasks, mut total) = (Vec::new(), 0);
    for one in waiting_on {
        let (after, limit) = (text(&page.after), Value::Int(page.limit()));
        let args = [
            text(one),
            after.clone(),
            Value::Int(filtered),
            text(person),
            limit.clone(),
        ];
        tasks.extend(store.query(TASKS, &args).await?.iter().map(listed));
        let [all, persons, nobodys, ..] = counted(store, one, person, ("", "")).await?;
        total += match hand {
            Hand::Any => all,
            Hand::Of(_) => persons,
            Hand::Nobodys => nobodys,
        };
        // Several agencies are asked in parallel: the one that is due first stands in the course's own row.
        let asked = one.strip_prefix("officer@").filter(|_| !matches!(hand, Hand::Of(_)));
        if let Some(agency) = asked {
            tasks.extend(
                store
                    .query(opinions::TASKS, &[text(agency), after, limit])
                    .await?
                    .iter()
                    .map(listed),
            );
            let count = store.query(opinions::COUNT_TASKS, &[text(agency)]).await?;
            if let Some(Value::Int(count)) = count.first().and_then(|row| row.first()) {
                total += count;
            }
        }
    }
    let next = cut(&mut tasks, page);
    Ok((tasks, next, total))
}

/// Of all that waits on any of these: what `person` has in hand, what nobody has, and what is near its limit (from today
/// to a day soon) or over it.
pub(crate) async fn count(
    store: &dyn Store,
    waiting_on: &[String],
    person: &str,
    (today, soon): (time::Date, time::Date),
) -> Result<v1::ListTasksResponse, Fault> {
    let days = (today.to_string(), soon.to_string());
    let mut counts = v1::ListTasksResponse::default();
    for one in waiting_on {
        let [_, mine, unassigned, near, over] = counted(store, one, person, (&days.0, &days.1)).await?;
        counts.mine += mine;
        counts.unassigned += unassigned;
        counts.near_limit += near;
        counts.overdue += over;
    }
    Ok(counts)
}

async fn counted(store: &dyn Store, on: &str, person: &str, days: (&str, &str)) -> Result<[i64; 5], Fault> {
    let args = [text(on), text(person), text(days.0), text(days.1)];
    let rows = store.query(COUNT_TASKS, &args).await?;
    let at = |column: usize| match rows.first().and_then(|row| row.get(column)) {
        Some(Value::Int(count)) => *count,
        _ => 0,
    };
    Ok(std::array::from_fn(at))
}

/// The page of what several lists gave, each of them in the order of the ids.
fn cut(courses: &mut Vec<CourseMessage>, page: &Page) -> String {
    courses.sort_by(|a, b| a.dossier.cmp(&b.dossier));
    courses.dedup_by(|a, b| a.dossier == b.dossier);
    page.cut(courses, |course| course.dossier.clone())
}

fn listed(row: &Row) -> CourseMessage {
    let text = |at: usize| match row.get(at) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let deadlines = match row.get(19) {
        Some(Value::Bytes(bytes)) => Deadlines::decode(bytes.as_slice()).unwrap_or_default().deadlines,
        _ => Vec::new(),
    };
    let int = |at: usize| match row.get(at) {
        Some(Value::Int(int)) => *int,
        _ => 0,
    };
    CourseMessage {
        dossier: text(0),
        etag: int(1).to_string(),
        award: text(2),
        candidate: text(3),
        submitting_agency: text(4),
        status: text(5),
        level: text(6),
        agency: text(7),
        step: Step::from_str_name(&text(8)).unwrap_or_default().into(),
        waiting_on: text(9),
        waiting_for: text(10),
        deadline: text(11),
        rule_set: text(12),
        verdict: text(13),
        decision_number: text(14),
        decided_on: text(15),
        bonus_vnd: int(16),
        letter_number: text(17),
        updated_at: int(18),
        deadlines,
        assigned_to: text(20),
        ..CourseMessage::default()
    }
}

/// An agency and all whose place it takes today: who acts for one acts for the others.
pub(crate) fn acting<'a>(agencies: &'a Agencies, code: &'a str, today: time::Date) -> Vec<&'a str> {
    let mut all = vec![code];
    all.extend(agencies.acting_on(code, today).map(|agency| agency.code.as_str()));
    all
}

/// In whose place an agency acts today: its own, and that of each agency whose successor it is.
pub(crate) fn places(agencies: &Agencies, code: &str, today: time::Date) -> Vec<String> {
    let taken = |one: &law::Agency| {
        one.code != code
            && agencies
                .acting_on(&one.code, today)
                .is_some_and(|acting| acting.code == code)
    };
    let mut all = vec![code.to_owned()];
    all.extend(agencies.iter().filter(|one| taken(one)).map(|one| one.code.clone()));
    all
}

/// The course as it stands today: where an agency has ended, its successor holds the dossier.
pub(crate) fn today(mut course: CourseMessage, agencies: &Agencies, today: time::Date) -> CourseMessage {
    if let Some(acting) = agencies.acting_on(&course.agency, today) {
        course.agency.clone_from(&acting.code);
    }
    if let Some((role, agency)) = course.waiting_on.split_once('@')
        && let Some(acting) = agencies.acting_on(agency, today)
    {
        course.waiting_on = format!("{role}@{}", acting.code);
    }
    course
}
