//! Fills the read models of intake and approval as so many dossiers would have left them; there is no history behind the
//! rows.

use host::fold;
use journal::{Commit, Sql, Store, Value, Write};

use super::people::{Made, OFFICES, STATE, made};
use crate::bench::{dossier::DAY, ground::Ground, work};

/// Rows of one statement, and dossiers of one transaction.
const ROWS: usize = 50;
const BATCH: u64 = 500;

/// A table that is filled in statements of many rows.
struct Table {
    into: &'static str,
    columns: usize,
    sql: Sql,
    waiting: Vec<Value>,
}

impl Table {
    fn new(into: &'static str) -> Self {
        let columns = into.matches(',').count() + 1;
        Self {
            into,
            columns,
            sql: insert(into, columns, ROWS),
            waiting: Vec::new(),
        }
    }

    fn put(&mut self, row: Vec<Value>) {
        self.waiting.extend(row);
    }

    /// The writes that are full; with `all` of the rest too.
    fn writes(&mut self, all: bool) -> Vec<Write> {
        let full = self.columns * ROWS;
        let mut writes = Vec::new();
        while self.waiting.len() >= full {
            let args = self.waiting.drain(..full).collect();
            writes.push(Write { sql: self.sql, args });
        }
        if all && !self.waiting.is_empty() {
            let args = std::mem::take(&mut self.waiting);
            let sql = insert(self.into, self.columns, args.len() / self.columns);
            writes.push(Write { sql, args });
        }
        writes
    }
}

/// A statement for so many rows. It lives as long as the process: there are a handful.
fn insert(into: &str, columns: usize, rows: usize) -> Sql {
    let row = |at: usize| {
        let places: Vec<String> = (1..=columns)
            .map(|column| format!("${}", at * columns + column))
            .collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    let sql = format!("INSERT INTO {into} VALUES {} ON CONFLICT DO NOTHING", rows.join(", "));
    Box::leak(sql.into_boxed_str())
}

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

/// Fills both services' tables; the services are down.
pub async fn load(ground: &Ground, all: u64) -> anyhow::Result<()> {
    let (intake, approval) = (ground.store("intake").await?, ground.store("approval").await?);
    let done = std::sync::atomic::AtomicU64::new(0);
    let progress = || {
        let done = done.load(std::sync::atomic::Ordering::Relaxed);
        format!("{done}/{all} hồ sơ / dossiers")
    };
    let fill = async {
        let mut of_intake = [
            Table::new(
                "dossier (dossier, version, status, award, candidate, candidate_folded, candidate_agency, \
                 submitting_agency, letter_number, letter_date, rule_set, verdict, updated_at, award_year)",
            ),
            Table::new("dossier_name (name, dossier, agency)"),
        ];
        let mut of_approval = [
            Table::new(
                "course (dossier, version, award, candidate, candidate_folded, submitting_agency, status, level, agency, \
                 step, waiting_on, waiting_for, deadline, rule_set, verdict, decision_number, decided_on, bonus_vnd, \
                 letter_number, updated_at, assigned_to)",
            ),
            Table::new("course_reader (agency, dossier)"),
        ];
        for number in 0..all {
            let one = made(number, all);
            let folded = fold(&one.name);
            of_intake[0].put(dossier(&one, &folded));
            let words = std::iter::once(0).chain(folded.match_indices(' ').map(|(at, _)| at + 1));
            for at in words {
                of_intake[1].put(vec![text(&folded[at..]), text(&one.id), text(&one.proposer)]);
            }
            of_approval[0].put(course(&one, &folded));
            let readers = [one.proposer.as_str(), one.office, STATE];
            for reader in &readers[..if one.to_state { 3 } else { 2 }] {
                of_approval[1].put(vec![text(*reader), text(&one.id)]);
            }
            if number % BATCH == BATCH - 1 || number + 1 == all {
                let last = number + 1 == all;
                put(intake.as_ref(), &mut of_intake, last).await?;
                put(approval.as_ref(), &mut of_approval, last).await?;
                done.store(number + 1, std::sync::atomic::Ordering::Relaxed);
            }
        }
        anyhow::Ok(())
    };
    work::telling(progress, fill).await?;
    if ground.is_postgres() {
        // As autovacuum does within a minute in life.
        for (store, tables) in [
            (&intake, ["ANALYZE dossier", "ANALYZE dossier_name"]),
            (&approval, ["ANALYZE course", "ANALYZE course_reader"]),
        ] {
            for sql in tables {
                store.query(sql, &[]).await?;
            }
        }
    }
    intake.close().await;
    approval.close().await;
    Ok(())
}

async fn put(store: &dyn Store, tables: &mut [Table], all: bool) -> anyhow::Result<()> {
    let views = tables.iter_mut().flat_map(|table| table.writes(all)).collect();
    let commit = Commit {
        views,
        ..Commit::default()
    };
    store.commit(&[commit]).await?;
    Ok(())
}

fn dossier(one: &Made, folded: &str) -> Vec<Value> {
    let status = match (&one.open, one.awarded) {
        (Some(_), _) => proto::intake::v1::Status::InReview,
        (None, true) => proto::intake::v1::Status::Awarded,
        (None, false) => proto::intake::v1::Status::Refused,
    };
    vec![
        text(&one.id),
        Value::Int(4),
        Value::Int(i64::from(i32::from(status))),
        text(one.award),
        text(&one.name),
        text(folded),
        text(&one.proposer),
        text(&one.proposer),
        text("1/TTr"),
        text(DAY.to_string()),
        text("law-2025"),
        text("eligible"),
        Value::Int(0),
        Value::Int(2025),
    ]
}

fn course(one: &Made, folded: &str) -> Vec<Value> {
    let (status, step, waiting_on) = match (&one.open, one.awarded) {
        (Some(_), _) => ("in-review", "STEP_APPRAISING", format!("officer@{}", one.office)),
        (None, true) => ("awarded", "STEP_PRESENTED", String::new()),
        (None, false) => ("refused", "STEP_UNSPECIFIED", String::new()),
    };
    let open = one.open.as_ref();
    vec![
        text(&one.id),
        Value::Int(9),
        text(one.award),
        text(&one.name),
        text(folded),
        text(&one.proposer),
        text(status),
        text("ministry-or-province"),
        text(one.office),
        text(step),
        text(waiting_on),
        text("appraise"),
        text(open.map_or_else(String::new, |open| open.deadline.clone())),
        text("law-2025"),
        text("eligible"),
        text(""),
        text(""),
        Value::Int(0),
        text("1/TTr"),
        Value::Int(0),
        text(open.map_or_else(String::new, |open| open.assigned_to.clone())),
    ]
}

/// The office with the long worklist.
pub const OFFICE: &str = OFFICES[0];
