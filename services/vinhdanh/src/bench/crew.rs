//! The officials of the bench: many dossiers in flight, each call acknowledged before the next on that dossier.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    iter::Enumerate,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, bail};
use futures::{StreamExt as _, TryStreamExt as _};
use host::entropy::fresh_id;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};
use tonic::Code;

use super::{
    dossier::{Line, Script},
    propagation::Observer,
};
use crate::{
    client::{Client, Failure},
    drive::{Act, Case, Reply},
    rehearse::stage::Stage,
};

/// How long an act may wait for the news that allows it.
const NEWS_MAX: Duration = Duration::from_secs(30);
/// Pauses between attempts: attempts that come to nothing are no work that anybody wants.
const PAUSE_MIN: Duration = Duration::from_millis(10);
const PAUSE_MAX: Duration = Duration::from_millis(100);

/// What was measured.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Of every acknowledged call.
    pub latencies: Vec<Duration>,
    /// How long acts waited for another service to have heard what allows them, where they had to.
    pub waits: Vec<Duration>,
}

/// All who act, with their tokens signed once.
pub struct Crew<'a> {
    clients: BTreeMap<String, Client>,
    in_flight: usize,
    measured: Mutex<Measured>,
    acknowledged: AtomicUsize,
    awarded: AtomicUsize,
    /// How many calls a second there shall be, if not as many as can be.
    per_s: Option<f64>,
    observer: Option<&'a Observer>,
}

impl<'a> Crew<'a> {
    /// Everybody in the scripts.
    pub fn hire(stage: &Stage, scripts: &[Script], in_flight: usize) -> anyhow::Result<Self> {
        let mut clients = BTreeMap::new();
        let lines = scripts
            .iter()
            .flat_map(|script| script.before.iter().chain(&script.after));
        for Line { actor, .. } in lines {
            if let Entry::Vacant(unknown) = clients.entry(actor.to_string()) {
                unknown.insert(stage.acting(actor)?);
            }
        }
        let (acknowledged, awarded) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Ok(Self {
            clients,
            in_flight: in_flight.max(1),
            measured: Mutex::default(),
            acknowledged,
            awarded,
            per_s: None,
            observer: None,
        })
    }

    /// The same with so many calls a second, and somebody who looks at what they lead to.
    #[must_use]
    pub fn watched(self, per_s: f64, observer: &'a Observer) -> Self {
        Self {
            per_s: Some(per_s.max(1.0)),
            observer: Some(observer),
            ..self
        }
    }

    /// Calls that were acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Dossiers that ended awarded so far.
    pub fn awarded(&self) -> usize {
        self.awarded.load(Ordering::Relaxed)
    }

    /// What was measured so far.
    pub fn measured(&self) -> Measured {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Plays one part of every script, so many of them at once; the cases come back in the order of their scripts.
    pub async fn play(&self, parts: Vec<(&[Line], Case)>) -> anyhow::Result<Vec<Case>> {
        let arrivals = self.per_s.map(|per_s| arrivals(&parts, per_s));
        let begin = async |(mut parts, mut arrivals): (Enumerate<_>, Option<Interval>)| {
            let part = parts.next()?;
            if let Some(arrivals) = &mut arrivals {
                arrivals.tick().await;
            }
            Some((part, (parts, arrivals)))
        };
        // Not in order: one that waits must not keep the next ones from beginning.
        let play = async |(at, (lines, case))| Ok::<_, anyhow::Error>((at, self.one(at, lines, case).await?));
        let played = futures::stream::unfold((parts.into_iter().enumerate(), arrivals), begin)
            .map(play)
            .buffer_unordered(self.in_flight);
        let cases: BTreeMap<usize, Case> = played.try_collect().await?;
        Ok(cases.into_values().collect())
    }

    async fn one(&self, at: usize, lines: &[Line], mut case: Case) -> anyhow::Result<Case> {
        for line in lines {
            let reply = self.acknowledge(line, &case).await?;
            case.learn(&reply);
            if let Some(observer) = self.observer {
                observer.acknowledged(at, &line.act, &case.dossier);
            }
            if let (Act::Award { .. }, Reply::Course(course)) = (&line.act, &reply) {
                if course.status != "awarded" {
                    bail!("{} was decided, and is {}", case.dossier, course.status);
                }
                self.awarded.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(case)
    }

    /// One call, made again while the services have not yet heard what allows it; its latency is that of the attempt
    /// which was acknowledged.
    async fn acknowledge(&self, line: &Line, case: &Case) -> anyhow::Result<Reply> {
        let Line { actor, act } = line;
        let client = self
            .clients
            .get(&actor.to_string())
            .with_context(|| format!("nobody is {actor}"))?;
        let (request_id, first, mut pause) = (fresh_id(), Instant::now(), PAUSE_MIN);
        loop {
            let sent = Instant::now();
            let status = match act.call(client, &request_id, case).await {
                Ok(reply) => {
                    self.note(sent.elapsed(), (pause > PAUSE_MIN).then(|| sent - first));
                    return Ok(reply);
                }
                Err(status) => status,
            };
            let may_come = matches!(
                status.code(),
                Code::FailedPrecondition | Code::PermissionDenied | Code::Aborted
            );
            if !may_come || first.elapsed() > NEWS_MAX {
                let failure = Failure::from(status);
                return Err(failure).with_context(|| format!("{} of {} as {actor}", act.word(), case.dossier));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    fn note(&self, latency: Duration, wait: Option<Duration>) {
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
        let mut measured = self.measured.lock().unwrap_or_else(PoisonError::into_inner);
        measured.latencies.push(latency);
        measured.waits.extend(wait);
    }
}

/// When parts begin so that their calls come at a rate: one after the other, as far apart as their calls take at that
/// rate on average. Whoever begins does its calls without a pause, so all acts are under way from the first moments on,
/// none of them at the same time everywhere. What was not begun in time is not made up for: that would be a burst.
fn arrivals(parts: &[(&[Line], Case)], per_s: f64) -> Interval {
    let calls: usize = parts.iter().map(|(lines, _)| lines.len()).sum();
    let apart = calls as f64 / per_s / parts.len().max(1) as f64;
    // An interval takes no period of zero.
    let mut arrivals = interval(Duration::from_secs_f64(apart).max(Duration::from_nanos(1)));
    arrivals.set_missed_tick_behavior(MissedTickBehavior::Delay);
    arrivals
}

/// The value that a share of all stays below or at; zero of nothing. In milliseconds.
pub fn percentile_ms(durations: &mut [Duration], share: f64) -> f64 {
    durations.sort_unstable();
    let rank = (share * durations.len() as f64).ceil() as usize;
    durations
        .get(rank.saturating_sub(1))
        .map_or(0.0, |found| found.as_secs_f64() * 1_000.0)
}

#[cfg(test)]
mod tests {
    use access::Role;

    use super::*;
    use crate::rehearse::scenario::Actor;

    #[tokio::test]
    async fn dossiers_begin_as_far_apart_as_their_calls_take() {
        let line = Line {
            actor: Actor::of(Role::Secretary, "phuong-hoan-kiem"),
            act: Act::Minute,
        };
        let (two, four) = (vec![line.clone(); 2], vec![line; 4]);
        let parts = [(two.as_slice(), Case::default()), (four.as_slice(), Case::default())];
        let arrivals = arrivals(&parts, 100.0);
        assert_eq!(arrivals.period(), Duration::from_millis(30));
        assert_eq!(arrivals.missed_tick_behavior(), MissedTickBehavior::Delay);
    }

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let mut durations: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert!((percentile_ms(&mut durations, 0.5) - 50.0).abs() < 1e-9);
        assert!((percentile_ms(&mut durations, 0.99) - 99.0).abs() < 1e-9);
        assert!(percentile_ms(&mut [], 0.5).abs() < 1e-9);
    }
}
