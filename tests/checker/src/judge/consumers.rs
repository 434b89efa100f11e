//! I3, I4 and I12 at the consumers: each event applied, once, in the order of its aggregate, and nothing else.

use std::collections::{BTreeMap, HashMap, HashSet};

use journal::Key;

use super::{Judge, event, instant, row};
use crate::{
    report::Invariant,
    stores::{Accepted, Books, Event, Letter, Mark},
};

/// Events that always step an aggregate of their consumer: (consumer, event, the aggregate's kind). Its id begins with
/// the dossier.
const MOVES: [(&str, &str, &str); 2] = [
    ("approval", "dossier.submitted", "approval.course"),
    ("council", "dossier.in-review", "council.docket"),
];

pub(super) fn check(judge: &mut Judge<'_>) {
    for books in judge.books() {
        for producer in judge
            .books()
            .iter()
            .filter(|one| books.producers.contains(&one.service))
        {
            Feed::new(books, producer).check(judge);
        }
        effects(judge, books);
    }
}

/// One consumer's feed on one producer.
struct Feed<'a> {
    books: &'a Books,
    producer: &'a Books,
    /// By event id.
    marks: HashMap<&'a str, &'a Mark>,
    /// The producer's events, by aggregate.
    events: BTreeMap<&'a Key, Vec<&'a Event>>,
    /// Events that left rows in the consumer's history.
    moved: HashSet<&'a str>,
}

impl<'a> Feed<'a> {
    fn new(books: &'a Books, producer: &'a Books) -> Self {
        let own = |mark: &&Mark| mark.producer == producer.service;
        let mut events: BTreeMap<&Key, Vec<&Event>> = BTreeMap::new();
        for event in &producer.events {
            events.entry(&event.key).or_default().push(event);
        }
        Self {
            books,
            producer,
            marks: books
                .inbox
                .iter()
                .filter(own)
                .map(|mark| (mark.event_id.as_str(), mark))
                .collect(),
            events,
            moved: books
                .aggregates
                .values()
                .flat_map(|one| &one.rows)
                .filter_map(Accepted::event)
                .collect(),
        }
    }

    fn check(&self, judge: &mut Judge<'_>) {
        for (key, events) in &self.events {
            if !judge.is_unsent(self.producer.service, key) {
                self.applied(judge, key, events);
            }
        }
        let known: HashSet<&str> = self.producer.events.iter().map(|event| event.id.as_str()).collect();
        let mut unknown: Vec<&&Mark> = self
            .marks
            .values()
            .filter(|mark| !known.contains(mark.event_id.as_str()))
            .collect();
        unknown.sort_by_key(|mark| mark.position);
        for mark in unknown {
            self.never_published(judge, mark);
        }
    }

    /// All events of one aggregate, up to the last.
    fn applied(&self, judge: &mut Judge<'_>, key: &Key, events: &[&Event]) {
        let (consumer, producer) = (self.books.service, self.producer.service);
        let missing = events.iter().find(|event| !self.marks.contains_key(event.id.as_str()));
        if let Some(missing) = missing {
            // What took effect without a mark is told as that (I4).
            if self.moved.contains(missing.id.as_str()) {
                return;
            }
            let letter = self.letter(key);
            let mut history = vec![event(producer, missing)];
            let before = events.iter().filter(|one| one.seq < missing.seq);
            history.extend(
                before
                    .filter_map(|one| self.marks.get(one.id.as_str()))
                    .next_back()
                    .map(|one| shown(one)),
            );
            history.extend(letter.map(|letter| {
                let Letter {
                    seq, error, resolution, ..
                } = letter;
                format!("letter   {consumer} {key} seq {seq}: {error} [{resolution}]")
            }));
            let (seq, what) = (missing.seq, &missing.what);
            judge.broken(
                Invariant::I3,
                format!("{producer} → {consumer}: {key}"),
                (
                    format!("{consumer} chưa áp dụng sự kiện {what} (seq {seq})"),
                    format!("{consumer} has not applied {what} (seq {seq})"),
                ),
                history,
            );
            return;
        }
        for one in events {
            let mark = self.marks[one.id.as_str()];
            if (&mark.aggregate, mark.seq, mark.position) == (&key.to_string(), one.seq, one.position) {
                continue;
            }
            self.out_of_order(judge, key, vec![event(producer, one), shown(mark)]);
            return;
        }
        let stream = (producer.to_owned(), key.to_string());
        let applied = self.books.applied.get(&stream).copied().unwrap_or(0);
        let last = events.last().map_or(0, |event| event.seq);
        if applied != last {
            let newest = events.last().map(|one| event(producer, one));
            let stands = format!("applied  {consumer} ← {key} seq {applied}");
            self.out_of_order(judge, key, newest.into_iter().chain([stands]).collect());
        }
    }

    fn out_of_order(&self, judge: &mut Judge<'_>, key: &Key, history: Vec<String>) {
        let (consumer, producer) = (self.books.service, self.producer.service);
        judge.broken(
            Invariant::I12,
            format!("{producer} → {consumer}: {key}"),
            (
                format!("{consumer} ghi thứ tự khác với {producer}"),
                format!("{consumer} has it in another order than {producer}"),
            ),
            history,
        );
    }

    fn letter(&self, key: &Key) -> Option<&'a Letter> {
        let aggregate = key.to_string();
        let own = |letter: &&Letter| letter.producer == self.producer.service && letter.aggregate == aggregate;
        self.books.dead_letters.iter().find(own)
    }

    fn never_published(&self, judge: &mut Judge<'_>, mark: &Mark) {
        let (consumer, producer) = (self.books.service, self.producer.service);
        if judge.is_unsent(producer, &host::source::key(&mark.aggregate)) {
            return;
        }
        let (aggregate, id) = (&mark.aggregate, &mark.event_id);
        if judge.is_restored(producer) {
            judge.notes.push(format!(
                "{consumer} biết sự kiện {id} mà {producer} sau khôi phục không còn / knows an event that {producer} no \
                 longer has since it was restored: {aggregate} seq {}",
                mark.seq
            ));
            return;
        }
        judge.broken(
            Invariant::I3,
            format!("{producer} → {consumer}: {aggregate}"),
            (
                format!("{consumer} đã áp dụng sự kiện {id} mà {producer} không hề công bố"),
                format!("{consumer} applied event {id}, which {producer} never published"),
            ),
            vec![shown(mark)],
        );
    }
}

/// An inbox row in one line.
fn shown(mark: &Mark) -> String {
    let Mark {
        consumer,
        event_id,
        producer,
        aggregate,
        seq,
        position,
        at,
    } = mark;
    let at = instant(*at);
    format!("inbox    {consumer} ← {producer} {aggregate} seq {seq} position {position}  {at}  {event_id}")
}

/// What events did to a consumer's aggregates: once each, marked, and in order.
fn effects(judge: &mut Judge<'_>, books: &Books) {
    let marks: HashMap<&str, &Mark> = books.inbox.iter().map(|mark| (mark.event_id.as_str(), mark)).collect();
    let mut moved: HashSet<(&str, &str)> = HashSet::new();
    for (key, aggregate) in &books.aggregates {
        moved.extend(
            aggregate
                .rows
                .iter()
                .filter_map(|row| Some((row.event()?, key.kind.as_str()))),
        );
        of_aggregate(judge, key, &aggregate.rows, &marks);
    }
    for (consumer, event_type, kind) in MOVES {
        let producers = judge
            .books()
            .iter()
            .filter(|one| books.producers.contains(&one.service));
        for (producer, one) in producers.flat_map(|one| one.events.iter().map(move |event| (one.service, event))) {
            let applies = consumer == books.service && one.what == event_type;
            let skipped = |letter: &Letter| letter.event_id == one.id && !letter.resolution.is_empty();
            if !applies || moved.contains(&(one.id.as_str(), kind)) || books.dead_letters.iter().any(skipped) {
                continue;
            }
            let Some(mark) = marks.get(one.id.as_str()) else {
                continue;
            };
            // A hole in the history of what it moves is told already.
            let hit = judge
                .damaged
                .iter()
                .any(|(of, key)| *of == books.service && key.id == one.key.id);
            if !hit {
                judge.broken(
                    Invariant::I3,
                    format!("{producer} → {consumer}: {}", one.key),
                    (
                        format!("{consumer} đánh dấu đã áp dụng {event_type} nhưng không có tác động"),
                        format!("{consumer} marked {event_type} as applied, and it did nothing"),
                    ),
                    vec![event(producer, one), shown(mark)],
                );
            }
        }
    }
}

fn of_aggregate(judge: &mut Judge<'_>, key: &Key, rows: &[Accepted], marks: &HashMap<&str, &Mark>) {
    // By event: the last row that it caused.
    let mut seen: HashMap<&str, &Accepted> = HashMap::new();
    // By producer's aggregate: the newest event that was applied here.
    let mut newest: HashMap<&str, (&Mark, &Accepted)> = HashMap::new();
    for one in rows {
        let Some(id) = one.event() else { continue };
        let Some(mark) = marks.get(id) else {
            judge.broken(
                Invariant::I4,
                key.to_string(),
                (
                    format!("tác động của sự kiện {id} không có dấu trong hộp thư đến"),
                    format!("event {id} took effect without its inbox row: it would again"),
                ),
                vec![row(key, one)],
            );
            return;
        };
        if let Some(before) = seen.insert(id, one) {
            let together = before.version + 1 == one.version && before.at == one.at && before.input != one.input;
            if !together {
                judge.broken(
                    Invariant::I4,
                    key.to_string(),
                    (
                        format!("sự kiện {id} tác động hai lần"),
                        format!("event {id} took effect twice"),
                    ),
                    vec![row(key, before), row(key, one), shown(mark)],
                );
                return;
            }
        }
        let last = newest.insert(mark.aggregate.as_str(), (mark, one));
        if let Some((last, before)) = last.filter(|(last, _)| last.seq > mark.seq) {
            judge.broken(
                Invariant::I12,
                key.to_string(),
                (
                    format!("seq {} được áp dụng sau seq {}", mark.seq, last.seq),
                    format!("seq {} was applied after seq {}", mark.seq, last.seq),
                ),
                vec![row(key, before), row(key, one), shown(last), shown(mark)],
            );
            return;
        }
    }
}
