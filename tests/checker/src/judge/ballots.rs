//! I9: a ballot for each member who cast one, a tally of just these, nothing left in the box, and no secret choice
//! anywhere in the record.

use std::collections::BTreeSet;

use council::machine::Review;
use journal::Key;
use machine::Snapshot;
use prost::Message as _;
use proto::council::v1::CastBallotRequest;
use serde_json::Value;

use super::{Judge, row};
use crate::{
    report::Invariant,
    stores::{Accepted, Aggregate, Books},
};

pub(super) fn check(judge: &mut Judge<'_>) {
    for books in judge.books() {
        for (key, aggregate) in &books.aggregates {
            if key.kind != "council.review" || judge.is_damaged(books.service, key) {
                continue;
            }
            let Ok(end) = Snapshot::<Review>::decode(&aggregate.snapshot) else {
                continue;
            };
            if let Err((vi, en, rows)) = review(judge, books, key, aggregate, &end) {
                let history = rows.into_iter().map(|one| row(key, one)).collect();
                judge.broken(Invariant::I9, key.to_string(), (vi, en), history);
            }
        }
        for (key, slots) in &books.sealed {
            if key.kind == "council.review" && !books.aggregates.contains_key(key) {
                let (vi, en) = (
                    format!("hòm phiếu của hồ sơ không có còn {slots} phiếu"),
                    format!("a box of {slots} slips, of no review"),
                );
                judge.broken(
                    Invariant::I9,
                    key.to_string(),
                    (vi, en),
                    vec![format!("sealed   {key} {slots} slips")],
                );
            }
        }
    }
}

type Wrong<'a> = (String, String, Vec<&'a Accepted>);

fn review<'a>(
    judge: &mut Judge<'_>,
    books: &Books,
    key: &Key,
    aggregate: &'a Aggregate,
    end: &Snapshot<Review>,
) -> Result<(), Wrong<'a>> {
    let secret = end.data.secret();
    let mut voted: BTreeSet<String> = BTreeSet::new();
    let mut cast: Vec<&Accepted> = Vec::new();
    for one in &aggregate.rows {
        let json = one.json();
        let text = |field: &str| json.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        match text("input").as_str() {
            "table" => {
                voted.clear();
                cast.clear();
            }
            "ballot-cast" => {
                judge.looked.ballots += 1;
                let member = text("member");
                if secret && json.get("choice").is_some() {
                    let (vi, en) = ("lịch sử giữ lựa chọn của phiếu kín", "history keeps a secret choice");
                    return Err((vi.to_owned(), en.to_owned(), vec![one]));
                }
                if secret && told_by_digest(books, key, one, &text("session")) {
                    let (vi, en) = (
                        "mã băm của yêu cầu cho biết lựa chọn",
                        "the request's digest tells a secret choice",
                    );
                    return Err((vi.to_owned(), en.to_owned(), vec![one]));
                }
                cast.push(one);
                if !voted.insert(member.clone()) && !end.data.may_change() {
                    return Err((
                        format!("{member} bỏ phiếu hai lần"),
                        format!("{member} voted twice"),
                        cast,
                    ));
                }
            }
            "tally" if one.state == "tallied" && secret => {
                let count = |field: &str| json.get(field).and_then(Value::as_u64).unwrap_or(0);
                let counted = count("yes") + count("no") + count("blank");
                if counted != voted.len() as u64 {
                    let cast_n = voted.len();
                    cast.push(one);
                    return Err((
                        format!("kiểm {counted} phiếu, {cast_n} người đã bỏ"),
                        format!("{counted} ballots were counted, {cast_n} members cast one"),
                        cast,
                    ));
                }
            }
            _ => {}
        }
    }
    let counted = end
        .data
        .round
        .counts
        .map(|counts| (counts.yes + counts.no + counts.blank) as usize);
    if let Some(counted) = counted.filter(|counted| *counted != voted.len()) {
        let cast_n = voted.len();
        return Err((
            format!("kiểm {counted} phiếu, {cast_n} người đã bỏ"),
            format!("{counted} ballots were counted, {cast_n} members cast one"),
            cast,
        ));
    }
    let slips = books.sealed.get(key).copied().unwrap_or(0);
    let last = aggregate.rows.last();
    let due = if secret && last.is_some_and(|row| row.state == "voting") {
        voted.len()
    } else {
        0
    };
    if slips == due {
        return Ok(());
    }
    Err((
        format!("hòm phiếu có {slips} phiếu, phải có {due}"),
        format!("the box holds {slips} slips, it should hold {due}"),
        last.into_iter().collect(),
    ))
}

/// Whether the digest of the request that cast a ballot is that of a request with one of the three choices in it: who
/// can compute it knows the choice.
fn told_by_digest(books: &Books, review: &Key, row: &Accepted, session: &str) -> bool {
    let Some(record) = books.requests.get(&(row.scope(), row.request_id.clone())) else {
        return false;
    };
    let dossier = review.id.split_once('@').map_or("", |(dossier, _)| dossier);
    (1..=3).any(|choice| {
        let request = CastBallotRequest {
            request_id: row.request_id.clone(),
            session: session.to_owned(),
            dossier: dossier.to_owned(),
            choice,
            slip: String::new(),
        };
        record.digest == journal::chain::short(&request.encode_to_vec())
    })
}
