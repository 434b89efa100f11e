//! I2, I6, I14: each aggregate's own record. Versions without a gap, the chain, and every step taken again.

use std::collections::BTreeMap;

use journal::{Key, Tampering};

use super::{Judge, row, stepped, tail};
use crate::{
    report::Invariant,
    steps::{Parting, Stepped},
    stores::{Aggregate, Books},
};

/// What a step is refused for by a machine that keeps duties apart.
const DUTIES: &str = "SEPARATION_OF_DUTIES";

/// Whether a problem is of the events; those are the outbox' matter.
pub(super) fn is_of_events(problem: &Tampering) -> bool {
    problem.what.starts_with("event")
}

pub(super) fn check(judge: &mut Judge<'_>) {
    for books in judge.books() {
        let mut problems: BTreeMap<&Key, &Tampering> = BTreeMap::new();
        for problem in books.verified.problems.iter().filter(|problem| !is_of_events(problem)) {
            problems.entry(&problem.key).or_insert(problem);
        }
        for (key, aggregate) in &books.aggregates {
            let service = books.service;
            let broken = gap(judge, key, aggregate) || altered(judge, key, aggregate, problems.get(key).copied());
            if broken || !replays(judge, books, key, aggregate) {
                judge.damaged.insert((service, key.clone()));
            }
        }
    }
}

/// I2: versions are 1 to n, and the aggregate stands at n.
fn gap(judge: &mut Judge<'_>, key: &Key, aggregate: &Aggregate) -> bool {
    let rows = &aggregate.rows;
    let wrong = (1..).zip(rows).find(|(version, row)| row.version != *version);
    let what = match wrong {
        Some((version, row)) => format!("version {version} is missing, {} comes in its place", row.version),
        None if rows.len() as u64 == aggregate.version => return false,
        None => format!(
            "the aggregate stands at version {}, its history ends at {}",
            aggregate.version,
            rows.len()
        ),
    };
    let at = wrong.map_or(rows.len(), |(version, _)| version as usize - 1);
    let mut history: Vec<String> = rows[at.saturating_sub(1)..rows.len().min(at + 1)]
        .iter()
        .map(|one| row(key, one))
        .collect();
    history.push(format!("aggregate {key} version {}", aggregate.version));
    let vi = format!("lịch sử có chỗ hổng hoặc không khớp: {what}");
    judge.broken(
        Invariant::I2,
        key.to_string(),
        (vi, format!("history has a hole: {what}")),
        history,
    );
    true
}

/// I6: the chain of hashes over salted commitments.
fn altered(judge: &mut Judge<'_>, key: &Key, aggregate: &Aggregate, problem: Option<&Tampering>) -> bool {
    let Some(problem) = problem else { return false };
    let at = (problem.version as usize).clamp(1, aggregate.rows.len().max(1)) - 1;
    let near = aggregate.rows.iter().skip(at.saturating_sub(1)).take(2);
    let history = near.map(|one| row(key, one)).collect();
    let (version, what) = (problem.version, &problem.what);
    judge.broken(
        Invariant::I6,
        key.to_string(),
        (
            format!("phiên bản {version} đã bị sửa: {what}"),
            format!("version {version}: {what}"),
        ),
        history,
    );
    true
}

/// I2 and I14: each step is legal, and comes out as recorded; so does the snapshot. What goes through is kept.
fn replays(judge: &mut Judge<'_>, books: &Books, key: &Key, aggregate: &Aggregate) -> bool {
    let Some(again) = stepped(key, aggregate) else {
        let (vi, en) = ("không có máy trạng thái", "no machine of the house is called that");
        judge.broken(
            Invariant::I14,
            key.to_string(),
            (vi.to_owned(), en.to_owned()),
            tail(key, aggregate, 1),
        );
        return false;
    };
    let Stepped { parting, end, .. } = &again;
    if let Some((version, parting)) = parting {
        let until = aggregate.rows.iter().take(*version as usize);
        let history: Vec<String> = until.map(|one| row(key, one)).collect();
        let shown = history[history.len().saturating_sub(3)..].to_vec();
        let (invariant, vi, what) = match parting {
            Parting::Refused(what) if what.contains(DUTIES) => {
                return apart(judge, key, *version, what, shown);
            }
            Parting::Refused(what) => (Invariant::I2, "bước trái luật", what),
            Parting::Elsewhere(what) => (Invariant::I14, "chạy lại ra khác", what),
        };
        judge.broken(
            invariant,
            key.to_string(),
            (
                format!("phiên bản {version}, {vi}: {what}"),
                format!("step {version}: {what}"),
            ),
            shown,
        );
        return false;
    }
    if end.as_ref().is_some_and(|end| end.snapshot != aggregate.snapshot) {
        let (vi, en) = (
            "ảnh chụp trạng thái không phải là điều lịch sử cho ra",
            "the snapshot is not what the history gives",
        );
        judge.broken(
            Invariant::I14,
            key.to_string(),
            (vi.to_owned(), en.to_owned()),
            tail(key, aggregate, 2),
        );
        return false;
    }
    judge.stepped.insert((books.service, key.clone()), again);
    true
}

/// I8: the machine itself says that duties were not kept apart.
fn apart(judge: &mut Judge<'_>, key: &Key, version: u64, what: &str, history: Vec<String>) -> bool {
    judge.broken(
        Invariant::I8,
        key.to_string(),
        (
            format!("phiên bản {version}: người đã thẩm định lại ký hoặc quyết định"),
            format!("step {version}: who appraised it signs or decides it ({what})"),
        ),
        history,
    );
    false
}
