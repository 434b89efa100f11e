//! A consumer: one service's feed on one producer. Each event takes effect once and in the order of its aggregate,
//! whatever the bus does: lower is a duplicate, next is applied, higher is a gap to be pulled. One bad dossier parks
//! alone.

pub(crate) mod difference;
mod epoch;
mod resolve;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bus::{Bus, Delivery, Envelope};
use futures::future::join_all;
use journal::{DeadLetter, Inbox};
use mishap::{Defect, Point};
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::{Engine, Fault, Service, engine::Reacted, replica, source::Source};

/// How many deliveries are taken at once.
const BATCH: usize = 128;
/// How many aggregates a consumer remembers.
const REMEMBERED: usize = 1_000;
/// How many events one pull asks for.
const PAGE: u32 = 500;
/// How often a consumer pulls without a reason.
const NOW_AND_THEN: Duration = Duration::from_secs(3);
/// How often the cursor is kept. What a crash forgets of it is read again, and known by its seq.
const KEEP: Duration = Duration::from_secs(1);
/// How long a failed delivery waits.
const AGAIN: Duration = Duration::from_millis(200);

/// A consumer and how far it has got.
pub(crate) struct Consumer {
    service: Arc<dyn Service>,
    engine: Engine,
    producer: &'static str,
    source: Arc<dyn Source>,
    position: AtomicI64,
    /// The cursor as the store has it, and since when.
    kept: Mutex<(i64, tokio::time::Instant)>,
    parked: Mutex<HashSet<String>>,
    /// The newest `seq` known to be applied, and its event, of aggregates seen lately: most duplicates cost no commit.
    applied: Mutex<HashMap<String, (u64, String)>>,
    /// Which history of the producer this is.
    followed: std::sync::Mutex<epoch::Followed>,
    /// One comparison of histories, or one decision about it, at a time.
    comparing: Mutex<()>,
    /// Wakes it for a pull at once.
    pub(crate) nudge: Notify,
}

/// What came of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Applied {
    /// Its effects are durable, now or before.
    Done,
    /// Its aggregate is parked; a dead-letter row or a difference says why.
    Parked,
    /// It is of a history that was lost when the producer was restored.
    Lost,
    /// Not now.
    Later,
}

impl Consumer {
    pub(crate) fn new(
        service: Arc<dyn Service>,
        engine: Engine,
        producer: &'static str,
        source: Arc<dyn Source>,
    ) -> Self {
        let (position, parked, applied) = (AtomicI64::new(0), Mutex::default(), Mutex::default());
        let kept = Mutex::new((0, tokio::time::Instant::now()));
        Self {
            service,
            engine,
            producer,
            source,
            position,
            kept,
            parked,
            applied,
            followed: std::sync::Mutex::default(),
            comparing: Mutex::default(),
            nudge: Notify::new(),
        }
    }

    /// The producer.
    pub(crate) fn producer(&self) -> &'static str {
        self.producer
    }

    /// All up to here has been applied or parked.
    pub(crate) fn position(&self) -> i64 {
        self.position.load(Ordering::Acquire)
    }

    /// Consumes until `stop`.
    pub(crate) async fn run(&self, bus: Arc<dyn Bus>, stop: CancellationToken) {
        let work = async {
            loop {
                match self.reload().await {
                    Ok(()) => break,
                    Err(fault) => self.complain(&fault, "cannot start").await,
                }
            }
            loop {
                // The doorbell first: what comes while the door is looked after rings.
                let feed = bus.subscribe(self.engine.service(), self.producer).await;
                let asked = self.pull_until_caught_up().await;
                if let Ok(mut feed) = feed {
                    self.consume(feed.as_mut(), asked).await;
                }
                // The bus is away; the doorbell is broken, the door is not.
                tokio::select! { biased; () = tokio::time::sleep(AGAIN) => {} () = self.nudge.notified() => {} }
            }
        };
        tokio::select! { biased; () = stop.cancelled() => {} () = work => {} }
        self.keep(Duration::ZERO).await;
    }

    /// Keeps the cursor, if it was not kept for so long.
    async fn keep(&self, span: Duration) {
        let at = self.position();
        let mut kept = self.kept.lock().await;
        if at <= kept.0 || kept.1.elapsed() < span {
            return;
        }
        let store = self.engine.journal().store();
        match store.set_cursor(&self.cursor(), at, false).await {
            Ok(()) => *kept = (at, tokio::time::Instant::now()),
            // Losing this write costs a re-read: everything applied is known by its seq.
            Err(error) => tracing::debug!(%error, "cursor not kept"),
        }
    }

    /// Reads the cursor and what is parked.
    pub(crate) async fn reload(&self) -> Result<(), Fault> {
        self.recall().await?;
        let store = self.engine.journal().store();
        self.position
            .store(store.cursor(&self.cursor()).await?, Ordering::Release);
        let mut parked = HashSet::new();
        let mut after = String::new();
        loop {
            let page = store.dead_letters(self.engine.service(), &after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.event_id);
            parked.extend(
                page.into_iter()
                    .filter(|l| l.producer == self.producer)
                    .map(|l| l.aggregate),
            );
        }
        parked.extend(self.differing().await?);
        *self.parked.lock().await = parked;
        self.applied.lock().await.clear();
        Ok(())
    }

    async fn complain(&self, fault: &Fault, what: &str) {
        tracing::debug!(consumer = self.engine.service(), producer = self.producer, %fault, what);
        tokio::time::sleep(AGAIN).await;
    }

    /// Takes deliveries until the feed breaks. `asked`: whether the producer has been asked for what was missed. Where all
    /// start at once it may not answer yet, and what the bus had brought to a process that has ended comes again only
    /// after half a minute: so it is asked again soon, and less and less often.
    async fn consume(&self, feed: &mut dyn bus::Subscription, asked: bool) {
        let mut pulled = tokio::time::Instant::now();
        let (mut wait, mut soon) = if asked {
            (NOW_AND_THEN, AGAIN)
        } else {
            (AGAIN, AGAIN * 2)
        };
        loop {
            let (taken, nudged) = tokio::select! {
                biased;
                () = self.nudge.notified() => (Ok(Vec::new()), true),
                taken = feed.next(BATCH, wait) => (taken, false),
            };
            let Ok(deliveries) = taken else { return };
            if deliveries.is_empty() {
                self.keep(KEEP).await;
            }
            let gaps = self.settle(deliveries).await;
            if gaps || nudged || pulled.elapsed() >= wait {
                (wait, soon) = if self.pull_until_caught_up().await {
                    (NOW_AND_THEN, AGAIN)
                } else {
                    (soon, (soon * 2).min(NOW_AND_THEN))
                };
                pulled = tokio::time::Instant::now();
            }
        }
    }

    /// Applies deliveries, aggregates side by side, each in its own order; whether a pull is needed.
    async fn settle(&self, deliveries: Vec<Box<dyn Delivery>>) -> bool {
        let mut lanes: BTreeMap<String, Vec<Box<dyn Delivery>>> = BTreeMap::new();
        for delivery in deliveries {
            lanes
                .entry(delivery.envelope().aggregate.clone())
                .or_default()
                .push(delivery);
        }
        let lanes = lanes.into_values().map(|mut lane| async move {
            lane.sort_by_key(|delivery| delivery.envelope().seq);
            let mut positions = Vec::with_capacity(lane.len());
            for delivery in lane {
                for _ in 1..mishap::times() {
                    self.apply(delivery.envelope()).await;
                }
                match self.apply(delivery.envelope()).await {
                    Applied::Done => {
                        mishap::at(Point::C7);
                        positions.push(delivery.envelope().position);
                        delivery.ack().await;
                    }
                    Applied::Parked => {
                        positions.push(delivery.envelope().position);
                        delivery.term().await;
                    }
                    Applied::Lost => delivery.term().await,
                    Applied::Later => delivery.nak(AGAIN).await,
                }
            }
            positions
        });
        let mut positions: Vec<i64> = join_all(lanes).await.into_iter().flatten().collect();
        positions.sort_unstable();
        self.advance(&positions).await
    }

    /// Moves the cursor over what is contiguous; whether something lies beyond a hole.
    async fn advance(&self, positions: &[i64]) -> bool {
        let before = self.position();
        let mut at = before;
        let mut beyond = false;
        for position in positions {
            match position - at {
                1 => at += 1,
                ..1 => {}
                _ => beyond = true,
            }
        }
        if mishap::planted(Defect::Order) {
            at = positions.last().copied().unwrap_or(at).max(at);
        }
        if at > before {
            self.position.store(at, Ordering::Release);
            self.keep(KEEP).await;
        }
        beyond
    }

    /// Pulls what the bus did not bring; whether the producer answered.
    pub(crate) async fn pull_until_caught_up(&self) -> bool {
        if self.producer == "directory" {
            // Another replica of this service may have been told what this one was not.
            let refreshed = self
                .engine
                .replica()
                .refresh(self.engine.journal().store().as_ref())
                .await;
            if let Err(error) = refreshed {
                tracing::warn!(consumer = self.engine.service(), %error, "the directory's replica is not refreshed");
            }
        }
        loop {
            let page = match self.source.after(self.position(), PAGE).await {
                Ok(page) => page,
                Err(fault) => {
                    self.complain(&fault, "cannot pull").await;
                    return false;
                }
            };
            match self.agrees(&page).await {
                Ok(Some(true)) => {}
                Ok(Some(false)) => return true,
                Ok(None) => continue,
                Err(fault) => {
                    self.complain(&fault, "cannot compare with a restored producer").await;
                    return false;
                }
            }
            if page.events.is_empty() {
                return true;
            }
            let head = page.head;
            let mut lanes: BTreeMap<String, Vec<Envelope>> = BTreeMap::new();
            for event in page.events {
                lanes.entry(event.aggregate.clone()).or_default().push(event);
            }
            let lanes = lanes.into_values().map(|lane| async move {
                let mut positions = Vec::with_capacity(lane.len());
                for event in lane {
                    match self.apply(&event).await {
                        Applied::Done | Applied::Parked => positions.push(event.position),
                        Applied::Later | Applied::Lost => break,
                    }
                }
                positions
            });
            let mut positions: Vec<i64> = join_all(lanes).await.into_iter().flatten().collect();
            positions.sort_unstable();
            let before = self.position();
            if self.advance(&positions).await || self.position() == before {
                // Something has to wait: what lies beyond it was applied and will be known by its seq.
                tokio::time::sleep(AGAIN).await;
                return true;
            }
            // What came after the producer was asked, the bus brings: where something always comes, the feed would never
            // be read again.
            if self.position() >= head {
                return true;
            }
        }
    }

    async fn apply(&self, event: &Envelope) -> Applied {
        let span = telemetry::consume_span(
            self.engine.service(),
            self.producer,
            &event.event_type,
            &event.traceparent,
        );
        self.apply_in_order(event).instrument(span).await
    }

    async fn apply_in_order(&self, event: &Envelope) -> Applied {
        if let Some(judged) = self.judged(event) {
            return judged;
        }
        if let Some(parked) = self.parked(&event.aggregate).await {
            return parked;
        }
        if mishap::times() == 1
            && !mishap::planted(Defect::Inbox)
            && self
                .applied
                .lock()
                .await
                .get(&event.aggregate)
                .is_some_and(|(newest, id)| event.seq == *newest && event.id == *id)
        {
            return Applied::Done;
        }
        match self.react(event).await {
            Ok(Reacted::Applied) => {
                self.remember(event).await;
                Applied::Done
            }
            Ok(Reacted::Duplicate) => match self.usurps(event).await {
                Ok(false) => {
                    self.remember(event).await;
                    Applied::Done
                }
                Ok(true) | Err(_) => Applied::Later,
            },
            Ok(Reacted::Gap(applied)) => self.fill(event, applied).await,
            Err(fault) => self.failed(event, &fault).await,
        }
    }

    async fn remember(&self, event: &Envelope) {
        let mut applied = self.applied.lock().await;
        if applied.len() >= REMEMBERED {
            applied.clear();
        }
        let newest = applied.entry(event.aggregate.clone()).or_default();
        if event.seq >= newest.0 {
            *newest = (event.seq, event.id.clone());
        }
    }

    /// What a parked aggregate's events come to; `None` if it is not parked. Another process of this service may have
    /// let it go: the row decides.
    async fn parked(&self, aggregate: &str) -> Option<Applied> {
        let parked = self.parked.lock().await;
        if !parked.contains(aggregate) {
            return None;
        }
        drop(parked);
        let store = self.engine.journal().store();
        match store.parked(self.engine.service(), self.producer, aggregate).await {
            Ok(true) => Some(Applied::Parked),
            Ok(false) => match self.heal(aggregate).await {
                Ok(Some(_)) => Some(Applied::Parked),
                Ok(None) => {
                    self.parked.lock().await.remove(aggregate);
                    None
                }
                Err(_) => Some(Applied::Later),
            },
            Err(_) => Some(Applied::Later),
        }
    }

    /// Pulls the aggregate's missing events, up to `event`.
    async fn fill(&self, event: &Envelope, mut applied: u64) -> Applied {
        while applied < event.seq {
            let missing = match self.source.of(&event.aggregate, applied, PAGE).await {
                Ok(missing) if !missing.is_empty() => missing,
                Ok(_) => return Applied::Later,
                Err(fault) => {
                    tracing::debug!(%fault, aggregate = event.aggregate, "cannot pull a gap");
                    return Applied::Later;
                }
            };
            for event in missing {
                match self.react(&event).await {
                    Ok(Reacted::Applied) => applied = event.seq,
                    Ok(Reacted::Duplicate) => match self.usurps(&event).await {
                        Ok(false) => applied = event.seq,
                        Ok(true) | Err(_) => return Applied::Later,
                    },
                    Ok(Reacted::Gap(_)) => return Applied::Later,
                    Err(fault) => return self.failed(&event, &fault).await,
                }
            }
        }
        Applied::Done
    }

    fn inbox_of(&self, event: &Envelope) -> Inbox {
        Inbox {
            consumer: self.engine.service().to_owned(),
            producer: self.producer.to_owned(),
            aggregate: event.aggregate.clone(),
            seq: event.seq,
            event_id: event.id.clone(),
            position: event.position,
            at: 0,
        }
    }

    async fn react(&self, event: &Envelope) -> Result<Reacted, Fault> {
        let inbox = self.inbox_of(event);
        let traceparent = telemetry::traceparent();
        if self.producer == "directory" {
            let reacted = self
                .engine
                .react(inbox, traceparent, Vec::new(), |unit| {
                    replica::react(event, unit)?;
                    self.service.follow_directory(event, unit)
                })
                .await?;
            if let (Reacted::Applied, Some(told)) = (reacted, replica::told(event)) {
                self.engine.replica().learn(told);
            }
            return Ok(reacted);
        }
        let hint = self.service.touches(event);
        self.engine
            .react(inbox, traceparent, hint, |unit| {
                self.service.react(event, unit)?;
                epoch::must_not_pass(event, unit)
            })
            .await
    }

    /// Transient: later. Else: a dead-letter row, and the aggregate is parked for this consumer.
    async fn failed(&self, event: &Envelope, fault: &Fault) -> Applied {
        if fault.is_transient() || matches!(fault, Fault::Exhausted(_)) {
            tracing::debug!(%fault, aggregate = event.aggregate, "event has to wait");
            return Applied::Later;
        }
        let letter = DeadLetter {
            consumer: self.engine.service().to_owned(),
            producer: self.producer.to_owned(),
            aggregate: event.aggregate.clone(),
            seq: event.seq,
            event_id: event.id.clone(),
            position: event.position,
            error: fault.to_string(),
            at: self.engine.clock().now().0,
            resolution: String::new(),
        };
        tracing::error!(
            consumer = letter.consumer,
            producer = letter.producer,
            aggregate = letter.aggregate,
            seq = letter.seq,
            reason = fault.reason(),
            "event cannot be applied: its aggregate is parked"
        );
        match self.engine.journal().store().bury(&letter).await {
            Ok(()) => {
                self.parked.lock().await.insert(letter.aggregate);
                Applied::Parked
            }
            Err(_) => Applied::Later,
        }
    }
}
