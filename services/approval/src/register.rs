//! The read model of the register of awards: those decided here, and those entered from paper.

use host::{Aggregate, Fault, Published, paging::Page};
use journal::{Row, Sql, Store, Value, Write};
use machine::{Snapshot, Timestamp};
use proto::approval::v1::{self, AwardEntry, Event};

use crate::{
    machine::{Amendment, AmendmentKind, Course, PaperAward, Recovery, State},
    views::text,
};

const PUT: Sql = "INSERT INTO award (entry, paper, award, holder, holder_kind, person, candidate_agency, \
     submitting_agency, deciding_agency, decision_number, decided_on, year, status, amended_by, source, presented, decided_by) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
     ON CONFLICT (entry) DO UPDATE SET status = excluded.status, amended_by = excluded.amended_by, \
     presented = excluded.presented, holder = excluded.holder, person = excluded.person, \
     candidate_agency = excluded.candidate_agency, year = excluded.year";

macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT entry, paper, award, holder, holder_kind, person, candidate_agency, submitting_agency, ",
            "deciding_agency, decision_number, decided_on, year, status, amended_by, source, presented, decided_by FROM award ",
            "WHERE ",
            $where,
            " AND entry > $2 AND ($3 = '' OR award = $3) AND ($4 = 0 OR year = $4) AND ($5 = '' OR decided_on = $5) ",
            "AND ($6 = '' OR status = $6) AND ($7 = '' OR decision_number = $7) AND ($8 = '' OR candidate_agency = $8 ",
            "OR submitting_agency = $8 OR deciding_agency = $8) ORDER BY entry LIMIT $9"
        )
    };
}

const OF_PERSON: Sql = select!("person = $1");
const OF_DECISION: Sql = select!("decision_number = $1");
const OF_DECIDER: Sql = select!("deciding_agency = $1");
const OF_SUBMITTER: Sql = select!("submitting_agency = $1");
const OF_CANDIDATE: Sql = select!("candidate_agency = $1");
const OF_ALL: Sql = select!("$1 = ''");

/// Every statement, for the test that prepares each on both stores.
pub(crate) const STATEMENTS: [Sql; 7] = [
    PUT,
    OF_PERSON,
    OF_DECISION,
    OF_DECIDER,
    OF_SUBMITTER,
    OF_CANDIDATE,
    OF_ALL,
];

/// What a step of a course changes of it.
pub(crate) fn project(id: &str, at: &Snapshot<Course>) -> Option<Write> {
    let course = &at.data;
    let (state, presented) = match &at.state {
        State::Issued | State::Published => ("in-force", false),
        State::Presented => ("in-force", true),
        State::Revoked { from } => ("revoked", **from == State::Presented),
        _ => return None,
    };
    let (opening, decided) = course.opening.as_ref().zip(course.decided.as_ref())?;
    let corrected = course.amendments.iter().any(|one| one.kind == AmendmentKind::Correct);
    let status = if corrected && state == "in-force" {
        "corrected"
    } else {
        state
    };
    Some(put(AwardEntry {
        entry: id.to_owned(),
        paper: false,
        award: opening.award.clone(),
        holder: opening.candidate_name.clone(),
        holder_kind: opening.candidate_kind.clone(),
        person: opening.candidate_person.clone(),
        candidate_agency: opening.candidate_agency.clone(),
        submitting_agency: opening.submitting_agency.clone(),
        deciding_agency: course.agency(&at.state),
        decision_number: decided.number.clone(),
        decided_on: decided.on.to_string(),
        year: if opening.award_year == 0 {
            decided.on.year()
        } else {
            opening.award_year
        },
        status: status.to_owned(),
        amended_by: course
            .amendments
            .last()
            .map(|one| one.number.clone())
            .unwrap_or_default(),
        source: String::new(),
        presented,
        decided_by: decided.by_successor.clone(),
    }))
}

/// An entry of a paper award as people see it.
pub(crate) fn paper(id: &str, at: &Snapshot<PaperAward>) -> AwardEntry {
    let Some(recorded) = &at.data.recorded else {
        return AwardEntry::default();
    };
    AwardEntry {
        entry: id.to_owned(),
        paper: true,
        award: recorded.award.clone(),
        holder: recorded.holder.clone(),
        holder_kind: recorded.holder_kind.clone(),
        person: recorded.person.clone(),
        candidate_agency: recorded.candidate_agency.clone(),
        deciding_agency: recorded.deciding_agency.clone(),
        decision_number: recorded.decision_number.clone(),
        decided_on: recorded.decided_on.to_string(),
        year: recorded.year,
        status: at.data.status(&at.state).to_owned(),
        amended_by: at
            .data
            .amendments
            .last()
            .map(|one| one.number.clone())
            .unwrap_or_default(),
        source: recorded.source.clone(),
        ..AwardEntry::default()
    }
}

impl Aggregate for PaperAward {
    fn project(id: &str, _: u64, at: &Snapshot<Self>, _: Timestamp) -> Vec<Write> {
        vec![put(paper(id, at))]
    }

    fn published(event: &Event) -> Published {
        Course::published(event)
    }
}

fn put(entry: AwardEntry) -> Write {
    Write {
        sql: PUT,
        args: vec![
            text(entry.entry),
            Value::Int(entry.paper.into()),
            text(entry.award),
            text(entry.holder),
            text(entry.holder_kind),
            text(entry.person),
            text(entry.candidate_agency),
            text(entry.submitting_agency),
            text(entry.deciding_agency),
            text(entry.decision_number),
            text(entry.decided_on),
            Value::Int(entry.year.into()),
            text(entry.status),
            text(entry.amended_by),
            text(entry.source),
            Value::Int(entry.presented.into()),
            text(entry.decided_by),
        ],
    }
}

/// Where a lookup begins.
pub(crate) enum Of<'a> {
    /// At one person or unit.
    Person(&'a str),
    /// At one number of a decision.
    Decision(&'a str),
    /// At what these agencies decided, proposed or hold.
    Agencies(&'a [String]),
    /// Anywhere.
    All,
}

/// A page of the register.
pub(crate) async fn awards(
    store: &dyn Store,
    of: Of<'_>,
    filter: &v1::ListAwardsRequest,
    page: &Page,
) -> Result<(Vec<AwardEntry>, String), Fault> {
    let ways: Vec<(Sql, &str)> = match of {
        Of::Person(person) => vec![(OF_PERSON, person)],
        Of::Decision(number) => vec![(OF_DECISION, number)],
        Of::Agencies(agencies) => {
            let ways = |agency| [OF_DECIDER, OF_SUBMITTER, OF_CANDIDATE].map(|sql| (sql, agency));
            agencies.iter().flat_map(|agency| ways(agency.as_str())).collect()
        }
        Of::All => vec![(OF_ALL, "")],
    };
    let mut awards: Vec<AwardEntry> = Vec::new();
    for (sql, whose) in ways {
        let args = [
            text(whose),
            text(&page.after),
            text(&filter.award),
            Value::Int(filter.year.into()),
            text(&filter.decided_on),
            text(&filter.status),
            text(&filter.decision_number),
            text(&filter.agency),
            Value::Int(page.limit()),
        ];
        awards.extend(store.query(sql, &args).await?.iter().map(read));
    }
    awards.sort_by(|a, b| a.entry.cmp(&b.entry));
    awards.dedup_by(|a, b| a.entry == b.entry);
    let next = page.cut(&mut awards, |award| award.entry.clone());
    Ok((awards, next))
}

fn read(row: &Row) -> AwardEntry {
    let text = |at: usize| match row.get(at) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let int = |at: usize| match row.get(at) {
        Some(Value::Int(int)) => *int,
        _ => 0,
    };
    AwardEntry {
        entry: text(0),
        paper: int(1) == 1,
        award: text(2),
        holder: text(3),
        holder_kind: text(4),
        person: text(5),
        candidate_agency: text(6),
        submitting_agency: text(7),
        deciding_agency: text(8),
        decision_number: text(9),
        decided_on: text(10),
        year: int(11) as i32,
        status: text(12),
        amended_by: text(13),
        source: text(14),
        presented: int(15) == 1,
        decided_by: text(16),
    }
}

/// A decision after the decision, as people see it.
pub(crate) fn amendment(amendment: &Amendment) -> v1::Amendment {
    v1::Amendment {
        kind: amendment.kind.as_str().to_owned(),
        number: amendment.number.clone(),
        on: amendment.on.to_string(),
        ground: amendment.ground.clone(),
        agency: amendment.agency.clone(),
    }
}

/// What is to be given back, as people see it.
pub(crate) fn recovery(recovery: &Recovery) -> v1::Recovery {
    let until = recovery.until.as_ref();
    let article = until.and_then(|until| until.count.as_ref()?.article.clone());
    v1::Recovery {
        to_agency: recovery.to_agency.clone(),
        money_vnd: recovery.money_vnd,
        object: true,
        until: until.map(|until| until.day.to_string()).unwrap_or_default(),
        article: article.unwrap_or_default(),
    }
}
