//! I1, I2 and I13: what clients were told against what is there. Unknown is taken either way, never twice, never half.

use std::collections::{BTreeMap, BTreeSet};

use journal::Key;

use super::{Judge, client, row};
use crate::{
    clients::Logged,
    receivers::sha256,
    replies::{self, Told},
    report::Invariant,
    stores::{Accepted, Books, Request, Scope},
};

/// (scope, request id)
type Id = (Scope, String);
/// The rows that a request left.
type Rows<'a> = Vec<(&'a Key, &'a Accepted)>;

pub(super) fn check(judge: &mut Judge<'_>) {
    for books in judge.books() {
        let mut left: BTreeMap<Id, Rows<'_>> = BTreeMap::new();
        for (key, aggregate) in &books.aggregates {
            for row in aggregate.rows.iter().filter(|row| !row.request_id.is_empty()) {
                left.entry((row.scope(), row.request_id.clone()))
                    .or_default()
                    .push((key, row));
            }
        }
        let asked: Vec<&Logged> = judge
            .evidence
            .operations
            .iter()
            .filter(|op| op.service() == books.service)
            .collect();
        let mut by_id: BTreeMap<Id, Vec<&Logged>> = BTreeMap::new();
        for op in asked {
            by_id
                .entry((op.who.scope(), op.request_id.clone()))
                .or_default()
                .push(op);
        }
        let ids: BTreeSet<&Id> = books.requests.keys().chain(left.keys()).chain(by_id.keys()).collect();
        for id in ids {
            let case = Case {
                books,
                id,
                record: books.requests.get(id),
                rows: left.get(id).map_or(&[], Vec::as_slice),
                asked: by_id.get(id).map_or(&[], Vec::as_slice),
            };
            case.judge(judge);
        }
    }
}

/// All that is known of one request id.
struct Case<'a> {
    books: &'a Books,
    id: &'a Id,
    record: Option<&'a Request>,
    rows: &'a [(&'a Key, &'a Accepted)],
    asked: &'a [&'a Logged],
}

impl Case<'_> {
    fn judge(&self, judge: &mut Judge<'_>) {
        // A hole in a history is told already; which request fell into it is not known.
        let told_already = self.half(judge) || self.twice(judge);
        for op in self.asked {
            let is_ours = self.is_of(op);
            let acknowledged: BTreeMap<_, _> = op.acknowledged().collect();
            if acknowledged.len() > 1 {
                self.broken(
                    judge,
                    Invariant::I13,
                    "cùng một yêu cầu được trả lời khác nhau",
                    "the same request was answered in different ways",
                );
            } else if let Some((reply, moved)) = acknowledged.into_iter().next() {
                if !told_already {
                    self.acknowledged(judge, is_ours, reply, moved);
                }
            } else if op.is_refused() {
                if is_ours && !told_already {
                    self.broken(
                        judge,
                        Invariant::I1,
                        "việc đã bị từ chối mà vẫn có",
                        "it was refused, and is there all the same",
                    );
                }
            } else if is_ours {
                judge.looked.unknown_happened += 1;
            }
        }
    }

    /// Whether the record is that of an operation, not of another that used its id.
    fn is_of(&self, op: &Logged) -> bool {
        let payload = op.attempts.first().map(|attempt| attempt.payload.as_str());
        let is_this = |record: &Request| {
            // Kept is the first half.
            let kept = hex::encode(&record.digest);
            record.method == op.method && payload.and_then(|whole| whole.get(..32)) == Some(kept.as_str())
        };
        self.record.is_some_and(is_this)
    }

    fn acknowledged(&self, judge: &mut Judge<'_>, is_ours: bool, reply: &str, moved: &BTreeMap<String, Option<u64>>) {
        let Some(record) = self.record else {
            if judge.is_restored(self.books.service) {
                let (service, (_, id)) = (self.books.service, self.id);
                judge.notes.push(format!(
                    "yêu cầu {id} mất khi khôi phục {service} / request {id} went when {service} was restored"
                ));
                return;
            }
            let (vi, en) = ("việc đã xác nhận bị mất", "it was acknowledged, and is not there");
            return self.broken(judge, Invariant::I1, vi, en);
        };
        if !is_ours {
            let (vi, en) = (
                "mã yêu cầu đã dùng cho việc khác mà vẫn được nhận",
                "the request id stands for something else, and was taken all the same",
            );
            return self.broken(judge, Invariant::I13, vi, en);
        }
        if sha256(&record.reply) != reply {
            let (vi, en) = (
                "nội dung lưu lại khác nội dung đã xác nhận",
                "what is kept is not what was acknowledged",
            );
            return self.broken(judge, Invariant::I1, vi, en);
        }
        if let Some(missing) = self.unmoved(judge, moved) {
            let (vi, en) = (
                format!("{missing} không ở phiên bản đã xác nhận"),
                format!("{missing} is not what was acknowledged"),
            );
            self.broken(judge, Invariant::I1, &vi, &en);
        }
    }

    /// The first aggregate that a reply promises and that did not move.
    fn unmoved(&self, judge: &Judge<'_>, moved: &BTreeMap<String, Option<u64>>) -> Option<String> {
        let is_missing = |(name, version): &(&String, &Option<u64>)| {
            let key = host::source::key(name);
            if judge.is_damaged(self.books.service, &key) {
                return false;
            }
            let own = || self.rows.iter().filter(|(of, _)| **of == key);
            match version {
                // A session answers for what happened to its reviews too.
                Some(version) if key.kind == "council.session" => {
                    let aggregate = self.books.aggregates.get(&key);
                    aggregate.is_none_or(|aggregate| aggregate.version < *version)
                }
                Some(version) => !own().any(|(_, row)| row.version == *version),
                None => own().next().is_none(),
            }
        };
        moved.iter().find(is_missing).map(|(name, _)| name.clone())
    }

    /// A record without its rows, rows without their record, or some of the rows only.
    fn half(&self, judge: &mut Judge<'_>) -> bool {
        let touched_damage = |judge: &Judge<'_>| {
            let of_rows = self
                .rows
                .iter()
                .any(|(key, _)| judge.is_damaged(self.books.service, key));
            of_rows
                || self
                    .told()
                    .moved
                    .keys()
                    .any(|name| judge.is_damaged(self.books.service, &host::source::key(name)))
        };
        let (vi, en) = match (self.record, self.rows) {
            (None, []) => return false,
            (Some(_), []) if self.told().moved.is_empty() && self.any_damage(judge) => return true,
            (Some(_), []) => ("có trả lời mà không có bước nào", "a request record without a step"),
            (None, _) => (
                "có bước mà không có bản ghi yêu cầu",
                "steps without their request record",
            ),
            (Some(_), _) => match self.unmoved(judge, &self.told().moved) {
                None => return false,
                Some(_) => (
                    "chỉ một phần của việc được ghi",
                    "only a part of what belongs together is there",
                ),
            },
        };
        if !touched_damage(judge) {
            self.broken(judge, Invariant::I1, vi, en);
        }
        true
    }

    fn any_damage(&self, judge: &Judge<'_>) -> bool {
        judge.damaged.iter().any(|(service, _)| *service == self.books.service)
    }

    fn told(&self) -> Told {
        self.record
            .map(|record| replies::told(&record.method, &record.reply))
            .unwrap_or_default()
    }

    /// One request, one commit: one instant, consecutive versions of each aggregate, no input twice.
    fn twice(&self, judge: &mut Judge<'_>) -> bool {
        let apart = self.rows.windows(2).any(|pair| {
            let [(key, one), (other, next)] = pair else {
                return false;
            };
            let follows = key == other;
            one.at != next.at || (follows && (next.version != one.version + 1 || next.input == one.input))
        });
        let recorded = self.record.zip(self.rows.first());
        let elsewhere = recorded.is_some_and(|(record, (_, row))| record.at != row.at.0);
        if apart || elsewhere {
            self.broken(
                judge,
                Invariant::I2,
                "một yêu cầu được thực hiện hơn một lần",
                "one request was carried out more than once",
            );
        }
        apart || elsewhere
    }

    fn broken(&self, judge: &mut Judge<'_>, invariant: Invariant, vi: &str, en: &str) {
        let mut history: Vec<String> = self.asked.iter().flat_map(|op| client(op)).collect();
        let (_, id) = self.id;
        match self.record {
            Some(record) => {
                let (method, reply) = (&record.method, sha256(&record.reply));
                history.push(format!("request  {id} {method} reply {}…", &reply[..8]));
            }
            None => history.push(format!("request  {id}: no record")),
        }
        history.extend(self.rows.iter().take(6).map(|(key, one)| row(key, one)));
        let about = format!("{}: request {id}", self.books.service);
        judge.broken(invariant, about, (vi.to_owned(), en.to_owned()), history);
    }
}
