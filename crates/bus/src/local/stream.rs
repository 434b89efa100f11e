//! What one producer published, and how far each of its consumers is.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use tokio::time::Instant;

use super::LocalConfig;
use crate::Envelope;

/// One producer's newest envelopes. One log serves all consumers: a feed is a place in it.
#[derive(Default)]
pub(super) struct Stream {
    log: VecDeque<Arc<Envelope>>,
    log_bytes: usize,
    /// The number of the newest envelope; they count from 1.
    last: u64,
    recent: RecentIds,
    feeds: HashMap<String, Place>,
}

/// How far a consumer is.
#[derive(Default)]
struct Place {
    /// The newest number that was handed out.
    seen: u64,
    /// Handed out and not settled, with the moment when it is delivered again.
    unsettled: BTreeMap<u64, (Instant, Arc<Envelope>)>,
}

impl Stream {
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// A new consumer starts with the oldest envelope that is still kept; a known one goes on.
    pub(super) fn join(&mut self, consumer: &str) {
        if !self.feeds.contains_key(consumer) {
            self.feeds.insert(consumer.to_owned(), Place::default());
        }
    }

    /// Takes an envelope, unless its id was taken within the window.
    pub(super) fn take(&mut self, envelope: &Envelope, now: Instant, config: &LocalConfig) {
        if !self.recent.admit(&envelope.message_id(), now, config) {
            return;
        }
        self.last += 1;
        self.log_bytes += envelope.body.len();
        self.log.push_back(Arc::new(envelope.clone()));
        while self.log.len() > config.kept_max || (self.log_bytes > config.kept_bytes_max && self.log.len() > 1) {
            let Some(oldest) = self.log.pop_front() else { break };
            self.log_bytes -= oldest.body.len();
        }
    }

    /// At most `max` deliveries: first what comes again, then what is new.
    pub(super) fn due(
        &mut self,
        consumer: &str,
        max: usize,
        now: Instant,
        config: &LocalConfig,
    ) -> Vec<(u64, Arc<Envelope>)> {
        let oldest = self.last + 1 - self.log.len() as u64;
        let Some(place) = self.feeds.get_mut(consumer) else {
            return Vec::new();
        };
        let mut due = Vec::new();
        for (number, (again, envelope)) in place
            .unsettled
            .iter_mut()
            .filter(|(_, (again, _))| *again <= now)
            .take(max)
        {
            *again = now + config.ack_wait;
            due.push((*number, Arc::clone(envelope)));
        }
        place.seen = place.seen.max(oldest - 1);
        while due.len() < max && place.unsettled.len() < config.unsettled_max {
            let Some(envelope) = self.log.get((place.seen + 1 - oldest) as usize) else {
                break;
            };
            place.seen += 1;
            place
                .unsettled
                .insert(place.seen, (now + config.ack_wait, Arc::clone(envelope)));
            due.push((place.seen, Arc::clone(envelope)));
        }
        due
    }

    /// When the first unsettled delivery comes again.
    pub(super) fn next_due(&self, consumer: &str) -> Option<Instant> {
        self.feeds
            .get(consumer)?
            .unsettled
            .values()
            .map(|(again, _)| *again)
            .min()
    }

    /// Done with it, or to be delivered again at a moment.
    pub(super) fn settle(&mut self, consumer: &str, number: u64, again: Option<Instant>) {
        let Some(place) = self.feeds.get_mut(consumer) else {
            return;
        };
        match again {
            None => {
                place.unsettled.remove(&number);
            }
            Some(again) => {
                if let Some(unsettled) = place.unsettled.get_mut(&number) {
                    unsettled.0 = again;
                }
            }
        }
    }
}

/// The ids of the last while.
#[derive(Default)]
struct RecentIds {
    ids: HashSet<Arc<str>>,
    by_age: VecDeque<(Instant, Arc<str>)>,
}

impl RecentIds {
    /// Whether the id is new within the window; if so it is remembered.
    fn admit(&mut self, id: &str, now: Instant, config: &LocalConfig) -> bool {
        while let Some((at, oldest)) = self.by_age.front()
            && (*at + config.duplicate_window <= now || self.by_age.len() > config.kept_max)
        {
            self.ids.remove(oldest);
            self.by_age.pop_front();
        }
        let id: Arc<str> = id.into();
        let new = self.ids.insert(Arc::clone(&id));
        if new {
            self.by_age.push_back((now, id));
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn envelope(n: u64, bytes: usize) -> Envelope {
        Envelope {
            id: format!("event-{n}"),
            producer: "intake".into(),
            event_type: "dossier.submitted".into(),
            agency: "bnv".into(),
            aggregate: "dossier/1".into(),
            seq: n,
            position: n as i64,
            epoch: String::new(),
            at: 0,
            traceparent: String::new(),
            body: vec![0; bytes],
        }
    }

    fn numbers(due: &[(u64, Arc<Envelope>)]) -> Vec<u64> {
        due.iter().map(|(number, _)| *number).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_feed_that_nobody_reads_drops_the_oldest() {
        let config = LocalConfig {
            kept_max: 3,
            ..LocalConfig::default()
        };
        let mut stream = Stream::default();
        stream.join("council");
        for n in 1..=5 {
            stream.take(&envelope(n, 1), Instant::now(), &config);
        }
        assert_eq!(numbers(&stream.due("council", 10, Instant::now(), &config)), [3, 4, 5]);
        assert_eq!(stream.last(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn large_bodies_drop_the_oldest_but_never_the_newest() {
        let config = LocalConfig {
            kept_bytes_max: 10,
            ..LocalConfig::default()
        };
        let mut stream = Stream::default();
        stream.join("council");
        stream.take(&envelope(1, 6), Instant::now(), &config);
        stream.take(&envelope(2, 6), Instant::now(), &config);
        stream.take(&envelope(3, 100), Instant::now(), &config);
        assert_eq!(numbers(&stream.due("council", 10, Instant::now(), &config)), [3]);
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_unsettled_deliveries_hold_back_new_ones_until_one_is_settled() {
        let config = LocalConfig {
            unsettled_max: 2,
            ..LocalConfig::default()
        };
        let mut stream = Stream::default();
        stream.join("council");
        for n in 1..=4 {
            stream.take(&envelope(n, 1), Instant::now(), &config);
        }
        assert_eq!(numbers(&stream.due("council", 10, Instant::now(), &config)), [1, 2]);
        assert!(stream.due("council", 10, Instant::now(), &config).is_empty());
        stream.settle("council", 1, None);
        assert_eq!(numbers(&stream.due("council", 10, Instant::now(), &config)), [3]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_unsettled_delivery_comes_again_after_the_ack_wait_and_not_before() {
        let config = LocalConfig::default();
        let mut stream = Stream::default();
        stream.join("council");
        let start = Instant::now();
        stream.take(&envelope(1, 1), start, &config);
        stream.due("council", 10, start, &config);
        assert_eq!(stream.next_due("council"), Some(start + config.ack_wait));
        assert!(
            stream
                .due(
                    "council",
                    10,
                    start + config.ack_wait - Duration::from_millis(1),
                    &config
                )
                .is_empty()
        );
        assert_eq!(
            numbers(&stream.due("council", 10, start + config.ack_wait, &config)),
            [1]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_id_is_taken_again_once_the_window_has_passed() {
        let config = LocalConfig::default();
        let mut stream = Stream::default();
        let start = Instant::now();
        stream.take(&envelope(1, 1), start, &config);
        stream.take(
            &envelope(1, 1),
            start + config.duplicate_window - Duration::from_millis(1),
            &config,
        );
        assert_eq!(stream.last(), 1);
        stream.take(&envelope(1, 1), start + config.duplicate_window, &config);
        assert_eq!(stream.last(), 2);
    }
}
