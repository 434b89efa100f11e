//! What a judgement comes to, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::folder::Run;

/// An invariant of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Invariant {
    /// What was acknowledged is there, whole; what was refused is not.
    I1,
    /// Versions without gap or repeat, legal steps, one commit a request.
    I2,
    /// Every event is in the outbox and at every consumer.
    I3,
    /// An event takes effect once.
    I4,
    /// Every notification owed is accounted for.
    I5,
    /// Chains and positions hold.
    I6,
    /// Nobody decides what they appraised.
    I8,
    /// Ballots: one each, the tally is theirs, nothing is left in the box.
    I9,
    /// Timers fire once, never early, never forgotten.
    I11,
    /// Consumers apply in the order of the aggregate.
    I12,
    /// The same request, the same answer.
    I13,
    /// The same history, the same state.
    I14,
}

impl Invariant {
    /// All that are judged from data.
    pub const ALL: [Self; 12] = [
        Self::I1,
        Self::I2,
        Self::I3,
        Self::I4,
        Self::I5,
        Self::I6,
        Self::I8,
        Self::I9,
        Self::I11,
        Self::I12,
        Self::I13,
        Self::I14,
    ];

    /// What it promises, in Vietnamese and English.
    pub const fn says(self) -> (&'static str, &'static str) {
        match self {
            Self::I1 => ("việc đã xác nhận còn nguyên", "what was acknowledged is there, whole"),
            Self::I2 => (
                "không bước nào thừa, thiếu hay trái luật",
                "no step missing, doubled or illegal",
            ),
            Self::I3 => ("không mất sự kiện", "no event lost"),
            Self::I4 => ("mỗi sự kiện chỉ tác động một lần", "effects once"),
            Self::I5 => ("không mất thông báo", "no notification lost"),
            Self::I6 => ("lịch sử không bị sửa", "the record was not altered"),
            Self::I8 => ("người thẩm định không quyết định", "who appraises does not decide"),
            Self::I9 => (
                "phiếu kín: đúng người, đúng số, không dấu vết",
                "ballots: one each, counted right, no trace",
            ),
            Self::I11 => ("thời hạn chạy đúng, một lần", "deadlines fire once, on time"),
            Self::I12 => ("đúng thứ tự", "in order"),
            Self::I13 => ("hỏi lại thì trả lời như cũ", "asked again, answered the same"),
            Self::I14 => ("chạy lại giống hệt", "replay is identical"),
        }
    }
}

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// Where: a service's aggregate, an operation, a delivery.
    pub about: String,
    /// What is wrong, in Vietnamese.
    pub vi: String,
    /// What is wrong, in English.
    pub en: String,
    /// The lines and rows that contradict each other, in order.
    pub history: Vec<String>,
}

/// What was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Looked {
    /// Operations in the clients' log.
    pub operations: usize,
    /// Of these: acknowledged.
    pub acknowledged: usize,
    /// Of these: refused.
    pub refused: usize,
    /// Of these: nobody knows.
    pub unknown: usize,
    /// Of the unknown: found to have happened.
    pub unknown_happened: usize,
    /// Aggregates of all services.
    pub aggregates: usize,
    /// Rows of history.
    pub rows: usize,
    /// Published events.
    pub events: usize,
    /// Records of requests.
    pub requests: usize,
    /// Consumed events.
    pub consumed: usize,
    /// Timers that fired.
    pub fired: usize,
    /// Ballots cast.
    pub ballots: usize,
    /// Pairs of event and subscription.
    pub owed: usize,
    /// Calls and mails that receivers got.
    pub received: usize,
    /// Messages of the bus' streams.
    pub streamed: usize,
}

/// The judgement of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The run.
    pub run: Run,
    /// What was looked at.
    pub looked: Looked,
    /// What is broken; empty if the run is clean.
    pub violations: Vec<Violation>,
    /// What a person should know and breaks nothing.
    pub notes: Vec<String>,
}

impl Report {
    /// Whether nothing is broken.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// The broken invariants, each once.
    pub fn broken(&self) -> Vec<Invariant> {
        let mut all: Vec<Invariant> = self.violations.iter().map(|one| one.invariant).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let looked = &self.looked;
        // Writing to a String cannot fail.
        _ = writeln!(
            text,
            "lượt chạy / run: seed {}, {}",
            self.run.seed,
            self.run.features.join(", ")
        );
        _ = writeln!(
            text,
            "đã xem / looked at: {} việc/operations ({} ok, {} fail, {} unknown of which {} happened), {} aggregates, \
             {} rows, {} events, {} requests, {} consumed, {} timers fired, {} ballots, {} notifications owed, {} \
             received, {} on streams",
            looked.operations,
            looked.acknowledged,
            looked.refused,
            looked.unknown,
            looked.unknown_happened,
            looked.aggregates,
            looked.rows,
            looked.events,
            looked.requests,
            looked.consumed,
            looked.fired,
            looked.ballots,
            looked.owed,
            looked.received,
            looked.streamed,
        );
        for violation in &self.violations {
            let Violation {
                invariant,
                about,
                vi,
                en,
                history,
            } = violation;
            let (promise, promised) = invariant.says();
            _ = writeln!(
                text,
                "\n{invariant:?} ✗ {promise} / {promised}\n  {about}\n  {vi}\n  {en}"
            );
            for line in history {
                _ = writeln!(text, "    {line}");
            }
        }
        for note in &self.notes {
            _ = writeln!(text, "ghi chú / note: {note}");
        }
        let broken = self.broken();
        if broken.is_empty() {
            text.push_str("sạch: không bất biến nào bị phá vỡ / clean: no invariant is broken\n");
        } else {
            _ = writeln!(
                text,
                "\nbị phá vỡ / broken: {}",
                broken
                    .iter()
                    .map(|one| format!("{one:?}"))
                    .collect::<Vec<_>>()
                    .join(" ")
            );
        }
        text
    }
}
