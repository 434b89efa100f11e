//! I3 and I6 at the producer: the outbox holds what the steps published, all of it and nothing else; positions are the
//! order of commits, without holes. And nothing lies on the bus that is not in an outbox.

use std::collections::{BTreeMap, HashMap};

use host::Published;
use journal::Key;

use super::{Judge, event, records::is_of_events, row};
use crate::{
    receivers::sha256,
    report::Invariant,
    stores::{Accepted, Aggregate, Books, Event},
};

pub(super) fn check(judge: &mut Judge<'_>) {
    for books in judge.books() {
        let mut sent: BTreeMap<&Key, Vec<&Event>> = BTreeMap::new();
        for event in &books.events {
            sent.entry(&event.key).or_default().push(event);
        }
        let mut lost = 0;
        for (key, aggregate) in &books.aggregates {
            let events = sent.remove(key).unwrap_or_default();
            lost += aggregate_sent(judge, books, key, aggregate, &events);
        }
        problems(judge, books, lost);
    }
    streams(judge);
}

/// What an aggregate published, in order, each with the row that did.
fn published<'a>(
    judge: &'a Judge<'_>,
    books: &Books,
    key: &Key,
    rows: &'a [Accepted],
) -> Option<Vec<(&'a Accepted, &'a Published)>> {
    let stepped = judge.stepped.get(&(books.service, key.clone()))?;
    let all = rows.iter().zip(&stepped.asked);
    Some(
        all.flat_map(|(row, asked)| asked.events.iter().map(move |one| (row, one)))
            .collect(),
    )
}

/// How many events of an aggregate are missing.
fn aggregate_sent(judge: &mut Judge<'_>, books: &Books, key: &Key, aggregate: &Aggregate, events: &[&Event]) -> usize {
    let Some(wanted) = published(judge, books, key, &aggregate.rows) else {
        return 0;
    };
    let by_seq: HashMap<u64, &Event> = events.iter().map(|event| (event.seq, *event)).collect();
    let mut found = Vec::new();
    let mut lost = 0;
    for (seq, (by, published)) in (1..).zip(&wanted) {
        let Published {
            event_type,
            agency,
            body,
        } = published;
        match by_seq.get(&seq) {
            None => {
                lost += 1;
                found.push((
                    Invariant::I3,
                    format!("sự kiện {event_type} (seq {seq}) không có trong hộp thư đi"),
                    format!("{event_type} (seq {seq}) was published by its step and is not in the outbox"),
                    vec![row(key, by)],
                ));
            }
            Some(there)
                if (there.what.as_str(), &there.agency, &there.body) != (*event_type, agency, body)
                    || there.version < by.version =>
            {
                found.push((
                    Invariant::I6,
                    format!("sự kiện seq {seq} không phải là điều đã công bố"),
                    format!("event seq {seq} is not what its step published"),
                    vec![row(key, by), event(books.service, there)],
                ));
            }
            Some(_) => {}
        }
    }
    let end = wanted.len() as u64;
    if let Some(extra) = events.iter().find(|event| event.seq > end) {
        found.push((
            Invariant::I3,
            format!("không bước nào công bố sự kiện seq {}", extra.seq),
            format!("no step published the event with seq {}", extra.seq),
            vec![event(books.service, extra)],
        ));
    }
    if found.is_empty() && aggregate.seq != end {
        found.push((
            Invariant::I12,
            format!("bộ đếm sự kiện là {}, đã công bố {end}", aggregate.seq),
            format!("its count of events is {}, it published {end}", aggregate.seq),
            events.last().map(|one| event(books.service, one)).into_iter().collect(),
        ));
    }
    // One cause, one finding.
    if let Some((invariant, vi, en, history)) = found.into_iter().next() {
        judge.unsent.insert((books.service, key.clone()));
        judge.broken(invariant, key.to_string(), (vi, en), history);
        return lost;
    }
    // Events come in the order of positions here.
    if let Some(pair) = events.windows(2).find(|pair| pair[0].seq >= pair[1].seq) {
        judge.broken(
            Invariant::I12,
            key.to_string(),
            (
                "thứ tự vị trí không phải thứ tự công bố".to_owned(),
                "positions are not in the order of publication".to_owned(),
            ),
            pair.iter().map(|one| event(books.service, one)).collect(),
        );
        judge.unsent.insert((books.service, key.clone()));
    }
    lost
}

/// What verification found of events and positions, unless lost events explain it.
fn problems(judge: &mut Judge<'_>, books: &Books, lost: usize) {
    let of_service = Key::new("", "");
    for problem in &books.verified.problems {
        let explained = if problem.key == of_service {
            lost > 0
        } else if books.aggregates.contains_key(&problem.key) {
            !is_of_events(problem) || judge.is_unsent(books.service, &problem.key)
        } else {
            false
        };
        if explained {
            continue;
        }
        let about = if problem.key == of_service {
            books.service.to_owned()
        } else {
            problem.key.to_string()
        };
        let near = |event: &&Event| event.position.abs_diff(problem.version as i64) <= 1;
        let history = books.events.iter().filter(near).map(|one| event(books.service, one));
        judge.broken(
            Invariant::I6,
            about,
            (format!("sổ sự kiện: {}", problem.what), problem.what.clone()),
            history.take(3).collect(),
        );
    }
}

/// The bus tells nothing that is not in an outbox.
fn streams(judge: &mut Judge<'_>) {
    let mut by_id: HashMap<(&str, &str), &Event> = HashMap::new();
    for books in judge.books() {
        by_id.extend(
            books
                .events
                .iter()
                .map(|event| ((books.service, event.id.as_str()), event)),
        );
    }
    for message in &judge.evidence.streamed {
        let producer = message.producer.as_str();
        let there = by_id.get(&(producer, message.event_id.as_str()));
        let same = there.is_some_and(|event| {
            event.key.to_string() == message.aggregate
                && (event.seq, event.position) == (message.seq, message.position)
                && sha256(&event.body) == message.body
        });
        let owner = judge.books().iter().find(|books| books.service == producer);
        let unsent = owner.is_some_and(|books| judge.is_unsent(books.service, &host::source::key(&message.aggregate)));
        if same || unsent || judge.is_restored(producer) {
            continue;
        }
        let (aggregate, seq, position, id) = (&message.aggregate, message.seq, message.position, &message.event_id);
        let mut history = vec![format!(
            "stream   {producer} {aggregate} seq {seq} position {position}  {id}"
        )];
        history.extend(there.map(|one| event(producer, one)));
        judge.broken(
            Invariant::I3,
            aggregate.clone(),
            (
                format!("kênh sự kiện có sự kiện {id} mà hộp thư đi không có"),
                format!("the bus carries event {id}, which the outbox has not, or otherwise"),
            ),
            history,
        );
    }
}
