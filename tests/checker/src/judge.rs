//! Judges a run: what the checks share, and their order. What breaks an aggregate's own record is found first, and what
//! follows from it is not told again.

mod ballots;
mod consumers;
mod duties;
mod notices;
mod outbox;
mod records;
mod requests;
mod timers;

use std::collections::{BTreeMap, BTreeSet};

use journal::{Key, Micros};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    clients::{self, Ended, Logged},
    folder::{Run, RunFolder, Unreadable, lines_if_any},
    receivers::{Notified, Streamed},
    report::{Invariant, Looked, Report, Violation},
    steps::{self, Stepped},
    stores::{self, Accepted, Aggregate, Books, Event},
};

/// How many findings of one invariant are told in full.
const TOLD_MAX: usize = 20;

/// All that a run left behind.
pub(crate) struct Evidence {
    pub(crate) run: Run,
    pub(crate) operations: Vec<Logged>,
    pub(crate) books: Vec<Books>,
    pub(crate) webhooks: Vec<Notified>,
    pub(crate) mails: Vec<Notified>,
    pub(crate) streamed: Vec<Streamed>,
}

/// An aggregate of a service.
type Place = (&'static str, Key);

/// Judges, and remembers what is damaged already.
pub(crate) struct Judge<'a> {
    evidence: &'a Evidence,
    /// Histories that come out as recorded, stepped again.
    stepped: BTreeMap<Place, Stepped>,
    /// Aggregates whose own record is broken.
    damaged: BTreeSet<Place>,
    /// Aggregates whose events are not those that they published.
    unsent: BTreeSet<Place>,
    looked: Looked,
    violations: Vec<Violation>,
    notes: Vec<String>,
    told: BTreeMap<Invariant, usize>,
}

/// Reads a run folder and judges it. `allow_empty`: also one in which nothing was ever acknowledged.
pub async fn check(folder: &RunFolder, allow_empty: bool) -> Result<Report, Unreadable> {
    let run = folder.run()?;
    let operations = clients::read(&folder.clients())?;
    if !allow_empty && operations.iter().all(|op| op.acknowledged().next().is_none()) {
        return Err(Unreadable::Empty);
    }
    let evidence = Evidence {
        operations,
        books: stores::read(&folder.location(&run)).await?,
        webhooks: lines_if_any(&folder.webhooks())?,
        mails: lines_if_any(&folder.mail())?,
        streamed: lines_if_any(&folder.stream())?,
        run,
    };
    Ok(judge(&evidence))
}

pub(crate) fn judge(evidence: &Evidence) -> Report {
    let mut judge = Judge {
        evidence,
        stepped: BTreeMap::new(),
        damaged: BTreeSet::new(),
        unsent: BTreeSet::new(),
        looked: looked(evidence),
        violations: Vec::new(),
        notes: Vec::new(),
        told: BTreeMap::new(),
    };
    records::check(&mut judge);
    outbox::check(&mut judge);
    requests::check(&mut judge);
    consumers::check(&mut judge);
    timers::check(&mut judge);
    duties::check(&mut judge);
    ballots::check(&mut judge);
    notices::check(&mut judge);
    judge.report()
}

fn looked(evidence: &Evidence) -> Looked {
    let books = &evidence.books;
    let histories = || books.iter().flat_map(|books| books.aggregates.values());
    let count = |wanted: fn(&Logged) -> bool| evidence.operations.iter().filter(|op| wanted(op)).count();
    let is_acknowledged = |op: &Logged| op.acknowledged().next().is_some();
    Looked {
        operations: evidence.operations.len(),
        acknowledged: count(is_acknowledged),
        refused: count(Logged::is_refused),
        unknown: count(|op| op.acknowledged().next().is_none() && !op.is_refused()),
        aggregates: histories().count(),
        rows: histories().map(|aggregate| aggregate.rows.len()).sum(),
        events: books.iter().map(|books| books.events.len()).sum(),
        requests: books.iter().map(|books| books.requests.len()).sum(),
        consumed: books.iter().map(|books| books.inbox.len()).sum(),
        received: evidence.webhooks.len() + evidence.mails.len(),
        streamed: evidence.streamed.len(),
        ..Looked::default()
    }
}

impl<'a> Judge<'a> {
    fn books(&self) -> &'a [Books] {
        &self.evidence.books
    }

    fn run(&self) -> &'a Run {
        &self.evidence.run
    }

    fn is_damaged(&self, service: &'static str, key: &Key) -> bool {
        self.damaged.contains(&(service, key.clone()))
    }

    fn is_unsent(&self, service: &'static str, key: &Key) -> bool {
        self.unsent.contains(&(service, key.clone())) || self.is_damaged(service, key)
    }

    /// Whether a producer was put back to before what others had consumed.
    fn is_restored(&self, service: &str) -> bool {
        self.run().restored.iter().any(|one| one == service)
    }

    fn broken(
        &mut self,
        invariant: Invariant,
        about: impl Into<String>,
        (vi, en): (String, String),
        history: Vec<String>,
    ) {
        let told = self.told.entry(invariant).or_default();
        *told += 1;
        if *told <= TOLD_MAX {
            self.violations.push(Violation {
                invariant,
                about: about.into(),
                vi,
                en,
                history,
            });
        }
    }

    fn report(mut self) -> Report {
        for (invariant, told) in &self.told {
            if let Some(more) = told.checked_sub(TOLD_MAX).filter(|more| *more > 0) {
                self.notes.push(format!(
                    "{invariant:?}: còn {more} phát hiện nữa / {more} more findings"
                ));
            }
        }
        self.violations.sort_by_key(|violation| violation.invariant);
        Report {
            run: self.run().clone(),
            looked: self.looked,
            violations: self.violations,
            notes: self.notes,
        }
    }
}

/// An instant for people.
fn instant(at: Micros) -> String {
    let instant = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000);
    let shown = instant.ok().and_then(|instant| instant.format(&Rfc3339).ok());
    shown.unwrap_or_else(|| at.to_string())
}

/// A row of history in one line.
fn row(key: &Key, row: &Accepted) -> String {
    let input = row.json();
    let word = input.get("input").and_then(serde_json::Value::as_str).unwrap_or("?");
    let why = match (row.request_id.as_str(), row.cause.as_str()) {
        ("", cause) => cause.to_owned(),
        (request, _) => format!("request {request} of {}", row.by.id),
    };
    let (version, state, at) = (row.version, &row.state, instant(row.at.0));
    format!("history  {key} v{version} {word} → {state}  {at}  {why}")
}

/// The end of a history, for people.
fn tail(key: &Key, aggregate: &Aggregate, count: usize) -> Vec<String> {
    let from = aggregate.rows.len().saturating_sub(count);
    aggregate.rows[from..].iter().map(|one| row(key, one)).collect()
}

/// An event in one line.
fn event(producer: &str, event: &Event) -> String {
    let Event {
        position, id, key, seq, ..
    } = event;
    let (what, at) = (&event.what, instant(event.at));
    format!("event    {producer} {key} seq {seq} position {position} {what}  {at}  {id}")
}

/// An operation's lines.
fn client(op: &Logged) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, attempt) in (1..).zip(&op.attempts) {
        let (id, method, request, at) = (&op.id, &op.method, &op.request_id, instant(attempt.invoked_at));
        let who = &op.who.subject;
        lines.push(format!(
            "client   op {id} attempt {number} invoke {method} request {request} of {who}  {at}"
        ));
        let end = match &attempt.ended {
            None => "no end line: unknown".to_owned(),
            Some((at, Ended::Ok { reply, .. })) => {
                format!("ok, reply {}…  {}", &reply[..8.min(reply.len())], instant(*at))
            }
            Some((at, Ended::Fail { code, reason })) => format!("fail {code} {reason}  {}", instant(*at)),
            Some((at, Ended::Unknown { because })) => format!("unknown: {because}  {}", instant(*at)),
        };
        lines.push(format!("client   op {id} attempt {number} {end}"));
    }
    lines
}

/// Steps a history of the house again.
fn stepped(key: &Key, aggregate: &Aggregate) -> Option<Stepped> {
    steps::again(key, aggregate)
}

#[cfg(test)]
mod tests;
