//! I5: every event that meets a subscription is one delivery, which ends or says what it waits for; what was delivered is
//! at its receiver, under the delivery's id and with the same words each time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use journal::{Key, Micros};
use machine::Snapshot;
use notification::machine::{
    Channel,
    delivery::{Delivery, State},
    subscription::{self, Subscription},
};
use prost::Message as _;
use proto::{approval::v1 as approval, intake::v1 as intake};

use super::{Judge, event, instant, tail};
use crate::{
    clients::Logged,
    receivers::Notified,
    report::Invariant,
    stores::{Accepted, Books, Event, Scope},
};

const SUBSCRIPTION: &str = "notification.subscription";
const DELIVERY: &str = "notification.delivery";
/// Council's own business, what intake tells already, and what has no name: nobody is told.
const SILENT: [&str; 3] = ["dossier.council-due", "dossier.resubmitted", "dossier.changed"];
/// Two things closer together than this by the services' clocks may have been decided in either order: a decision is
/// dated when it begins, and may be made anew. Microseconds.
const EITHER_ORDER: Micros = 10_000_000;

pub(super) fn check(judge: &mut Judge<'_>) {
    let Some(books) = judge.books().iter().find(|books| books.service == "notification") else {
        return;
    };
    let published = Published::new(judge);
    let subscriptions = subscriptions(judge, books);
    let mut owed: BTreeSet<String> = BTreeSet::new();
    for (producer, happened) in &published.events {
        let Some(about) = About::read(producer, happened) else {
            continue;
        };
        let Some(applied_at) = published.applied.get(happened.id.as_str()).copied() else {
            // That it was not applied is told already.
            continue;
        };
        for subscription in &subscriptions {
            let id = format!("{}.{}", subscription.id, happened.id);
            let key = Key::new(DELIVERY, &id);
            let is_there = books.aggregates.contains_key(&key);
            let meant = about.matches(&subscription.filter);
            let order = if meant {
                published.order(judge, subscription, producer, happened, applied_at)
            } else {
                Order::Apart
            };
            if is_there {
                owed.insert(id.clone());
            }
            judge.looked.owed += usize::from(meant && order == Order::Within);
            let (vi, en) = match (order, is_there) {
                (Order::Within, false) => (
                    "thông báo phải có mà không có",
                    "a notification is owed and is not there",
                ),
                (Order::Apart, true) => ("thông báo không ai đặt", "a notification that nobody had subscribed to"),
                _ => continue,
            };
            let mut history = subscription.shown(books);
            history.push(event(producer, happened));
            history.push(format!(
                "inbox    notification ← {producer} applied  {}",
                instant(applied_at)
            ));
            judge.broken(Invariant::I5, key.to_string(), (vi.to_owned(), en.to_owned()), history);
        }
    }
    for (key, aggregate) in books.aggregates.iter().filter(|(key, _)| key.kind == DELIVERY) {
        let of_event = key.id.rsplit_once('.').map_or("", |(_, event)| event);
        let restored = ["intake", "approval"]
            .iter()
            .any(|producer| judge.is_restored(producer));
        if !owed.contains(&key.id) && !published.applied.contains_key(of_event) && !restored {
            let (vi, en) = (
                "thông báo về sự kiện không hề có",
                "a notification of an event that was never applied",
            );
            let history = tail(key, aggregate, 2);
            judge.broken(Invariant::I5, key.to_string(), (vi.to_owned(), en.to_owned()), history);
        }
    }
    ends(judge, books);
    received(judge, books);
}

/// What was published and applied, and which client's call each event goes back to.
struct Published<'a> {
    events: Vec<(&'static str, &'a Event)>,
    /// By event: when notification applied it.
    applied: HashMap<&'a str, Micros>,
    by_id: HashMap<&'a str, (&'static str, &'a Event)>,
    /// By (service, scope, request id).
    operations: HashMap<(&'a str, Scope, &'a str), &'a Logged>,
}

/// An event against a subscription's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// The subscription was there.
    Within,
    /// It was not.
    Apart,
    /// Nobody can say.
    Either,
}

impl<'a> Published<'a> {
    fn new(judge: &Judge<'a>) -> Self {
        let told = |books: &&Books| ["intake", "approval"].contains(&books.service);
        let of = |books: &'a Books| books.events.iter().map(move |event| (books.service, event));
        let notification = judge.books().iter().filter(|books| books.service == "notification");
        let marks = notification.flat_map(|books| &books.inbox);
        let by_id = |op: &'a Logged| ((op.service(), op.who.scope(), op.request_id.as_str()), op);
        Self {
            events: judge.books().iter().filter(told).flat_map(of).collect(),
            applied: marks.map(|mark| (mark.event_id.as_str(), mark.at)).collect(),
            by_id: judge
                .books()
                .iter()
                .flat_map(of)
                .map(|(producer, event)| (event.id.as_str(), (producer, event)))
                .collect(),
            operations: judge.evidence.operations.iter().map(by_id).collect(),
        }
    }

    /// The call that an event goes back to, over any number of services; none if a timer is between.
    fn root(&self, judge: &Judge<'a>, producer: &'static str, event: &Event) -> Option<&'a Logged> {
        let (mut producer, mut event) = (producer, event);
        loop {
            let books = judge.books().iter().find(|books| books.service == producer)?;
            let row = books
                .aggregates
                .get(&event.key)?
                .rows
                .get(event.version.checked_sub(1)? as usize)?;
            if !row.request_id.is_empty() {
                return self.call(producer, row);
            }
            (producer, event) = *self.by_id.get(row.event()?)?;
        }
    }

    fn call(&self, service: &str, row: &Accepted) -> Option<&'a Logged> {
        self.operations
            .get(&(service, row.scope(), row.request_id.as_str()))
            .copied()
    }

    /// What the clients saw decides; else the clocks do, where they are far enough apart.
    fn order(
        &self,
        judge: &Judge<'a>,
        subscription: &Subscribed<'a>,
        producer: &'static str,
        event: &Event,
        applied_at: Micros,
    ) -> Order {
        let margin = judge.run().clock_margin.max(EITHER_ORDER);
        let root = self.root(judge, producer, event);
        let begun = |op: Option<&Logged>| {
            let acknowledged = op.and_then(|op| op.acknowledged_in);
            acknowledged
                .zip(root)
                .is_some_and(|(line, root)| line < root.invoked_in)
        };
        let after_begin = begun(subscription.made_by) || applied_at > subscription.made_at + margin;
        let before_begin = applied_at + margin < subscription.made_at;
        let after_end =
            begun(subscription.ended_by) || subscription.ended_at.is_some_and(|end| applied_at > end + margin);
        let before_end = subscription.ended_at.is_none_or(|end| applied_at + margin < end);
        if before_begin || after_end {
            Order::Apart
        } else if after_begin && before_end {
            Order::Within
        } else {
            Order::Either
        }
    }
}

/// A subscription as its history tells it.
struct Subscribed<'a> {
    id: String,
    filter: BTreeMap<String, String>,
    made_at: Micros,
    made_by: Option<&'a Logged>,
    ended_at: Option<Micros>,
    ended_by: Option<&'a Logged>,
}

impl Subscribed<'_> {
    fn shown(&self, books: &Books) -> Vec<String> {
        let key = Key::new(SUBSCRIPTION, &self.id);
        books
            .aggregates
            .get(&key)
            .map_or_else(Vec::new, |aggregate| tail(&key, aggregate, 2))
    }
}

fn subscriptions<'a>(judge: &Judge<'a>, books: &'a Books) -> Vec<Subscribed<'a>> {
    let published = Published::new(judge);
    let mut all = Vec::new();
    for (key, aggregate) in books.aggregates.iter().filter(|(key, _)| key.kind == SUBSCRIPTION) {
        let Ok(at) = Snapshot::<Subscription>::decode(&aggregate.snapshot) else {
            continue;
        };
        let (Some(first), Some(last)) = (aggregate.rows.first(), aggregate.rows.last()) else {
            continue;
        };
        let ended = (at.state == subscription::State::Ended).then_some(last);
        all.push(Subscribed {
            id: key.id.clone(),
            filter: at.data.filter,
            made_at: first.at.0,
            made_by: published.call(books.service, first),
            ended_at: ended.map(|row| row.at.0),
            ended_by: ended.and_then(|row| published.call(books.service, row)),
        });
    }
    all
}

/// What a filter looks at.
struct About(BTreeMap<&'static str, String>);

impl About {
    /// `None` for what nobody is told.
    fn read(producer: &str, event: &Event) -> Option<Self> {
        if SILENT.contains(&event.what.as_str()) {
            return None;
        }
        let mut fields = BTreeMap::from([("fact", event.what.clone())]);
        if producer == "intake" {
            let body = intake::Event::decode(event.body.as_slice()).ok()?;
            fields.extend([
                ("agency", body.submitting_agency.clone()),
                ("award", body.award),
                ("basis", body.basis),
                ("candidate_agency", body.candidate_agency),
                ("deciding_agency", body.deciding_agency),
                ("dossier", body.dossier),
                ("level", String::new()),
                ("submitting_agency", body.submitting_agency),
            ]);
        } else {
            let body = approval::Event::decode(event.body.as_slice()).ok()?;
            fields.extend([
                ("agency", body.agency),
                ("award", body.award),
                ("basis", body.basis),
                ("candidate_agency", body.candidate_agency),
                ("deciding_agency", body.deciding_agency),
                ("dossier", body.dossier),
                ("level", body.level),
                ("submitting_agency", body.submitting_agency),
            ]);
        }
        Some(Self(fields))
    }

    fn matches(&self, filter: &BTreeMap<String, String>) -> bool {
        filter
            .iter()
            .all(|(name, value)| self.0.get(name.as_str()) == Some(value))
    }
}

/// Every delivery has ended, or waits for something that will come.
fn ends(judge: &mut Judge<'_>, books: &Books) {
    for (key, aggregate) in books.aggregates.iter().filter(|(key, _)| key.kind == DELIVERY) {
        let Ok(at) = Snapshot::<Delivery>::decode(&aggregate.snapshot) else {
            continue;
        };
        let channel = at.data.channel;
        let explained = match at.state {
            State::Delivered => {
                let log = match channel {
                    Channel::Stream => None,
                    Channel::Webhook => Some(&judge.evidence.webhooks),
                    Channel::Email => Some(&judge.evidence.mails),
                };
                log.is_none_or(|log| {
                    log.iter()
                        .any(|call| call.id == key.id && (200..300).contains(&call.answered))
                })
            }
            State::Pending => channel == Channel::Stream,
            // That the timer of what waits is there, and not overdue, is I11's.
            State::Parked | State::Suppressed { .. } | State::Dead | State::Sending | State::Waiting { .. } => true,
            State::New => false,
        };
        if explained {
            continue;
        }
        let (vi, en) = if at.state == State::Delivered {
            (
                "ghi là đã giao mà bên nhận không có",
                "it is held for delivered, and no receiver got it",
            )
        } else {
            (
                "thông báo chưa tới đâu và không nói vì sao",
                "neither ended nor explained",
            )
        };
        judge.broken(
            Invariant::I5,
            key.to_string(),
            (vi.to_owned(), en.to_owned()),
            tail(key, aggregate, 3),
        );
    }
}

/// What receivers got: deliveries that exist, each under one id with the same words.
fn received(judge: &mut Judge<'_>, books: &Books) {
    for (what, log) in [("webhook", &judge.evidence.webhooks), ("mail", &judge.evidence.mails)] {
        let mut first: HashMap<&str, &Notified> = HashMap::new();
        for call in log {
            let key = Key::new(DELIVERY, &call.id);
            let aggregate = books.aggregates.get(&key);
            let before = *first.entry(call.id.as_str()).or_insert(call);
            let (vi, en) = if aggregate.is_none() {
                (
                    "bên nhận có thông báo mang mã lạ",
                    "a receiver got a call with an id that no delivery has",
                )
            } else if before.body != call.body {
                (
                    "cùng một thông báo mà nội dung khác nhau",
                    "one notification was told in different words",
                )
            } else {
                continue;
            };
            let mut history = aggregate.map_or_else(Vec::new, |aggregate| tail(&key, aggregate, 2));
            let lines = [before, call];
            history.extend(lines[usize::from(before == call)..].iter().map(|one| {
                let (at, answered) = (instant(one.at), one.answered);
                format!(
                    "{what}  {}  body {}…  answered {answered}  {at}",
                    one.id,
                    &one.body[..8.min(one.body.len())]
                )
            }));
            judge.broken(Invariant::I5, key.to_string(), (vi.to_owned(), en.to_owned()), history);
        }
    }
}
