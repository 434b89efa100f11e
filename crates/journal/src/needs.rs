//! What decides about a batch: which rows a store reads before the batch is judged, and what they said.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::{ClaimOp, Commit, Inbox, Key, Micros, Request, chain};

/// A producer's aggregate as a consumer sees it: (consumer, producer, aggregate).
pub(crate) type Stream<'a> = (&'a str, &'a str, &'a str);

/// The rows that decide about a batch. Sorted, so that replicas lock them in one order.
#[derive(Default)]
pub(crate) struct Needs<'a> {
    /// Aggregates that are moved.
    pub(crate) moved: BTreeSet<&'a Key>,
    /// Aggregates that are only looked at.
    pub(crate) guarded: BTreeSet<&'a Key>,
    /// Aggregates that are expected not to exist: there is no row yet that could be locked.
    pub(crate) absent: BTreeSet<&'a Key>,
    pub(crate) claims: BTreeSet<&'a str>,
    /// (principal, request id)
    pub(crate) requests: BTreeSet<(&'a str, &'a str)>,
    pub(crate) streams: BTreeSet<Stream<'a>>,
    /// Timers that fire, by aggregate and name.
    pub(crate) timers: BTreeSet<(&'a Key, &'a str)>,
    /// (consumer, event id)
    pub(crate) events: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Needs<'a> {
    pub(crate) fn of(batch: &'a [Commit]) -> Self {
        let mut needs = Self::default();
        for commit in batch {
            for step in &commit.steps {
                needs.moved.insert(&step.key);
                if step.expected == 0 {
                    needs.absent.insert(&step.key);
                }
                needs.claims.extend(step.claims.iter().map(|op| match op {
                    ClaimOp::Claim(claim) | ClaimOp::Release(claim) => claim.as_str(),
                }));
            }
            for guard in &commit.guards {
                needs.guarded.insert(&guard.key);
                if guard.expected == 0 {
                    needs.absent.insert(&guard.key);
                }
            }
            if let Some(request) = &commit.request {
                needs.requests.insert((&request.principal, &request.request_id));
            }
            if let Some(timer) = &commit.fired {
                needs.timers.insert((&timer.key, &timer.name));
            }
            if let Some(inbox) = &commit.inbox {
                needs.streams.insert(stream(inbox));
                needs.events.insert((&inbox.consumer, &inbox.event_id));
            }
        }
        let moved = &needs.moved;
        needs.guarded.retain(|key| !moved.contains(key));
        needs
    }
}

/// The stream that an event belongs to.
pub(crate) fn stream(inbox: &Inbox) -> Stream<'_> {
    (&inbox.consumer, &inbox.producer, &inbox.aggregate)
}

/// Where an aggregate stands.
#[derive(Clone, Copy, Default)]
pub(crate) struct Standing {
    /// What stands for its key in history and events; 0 until it has a row.
    pub(crate) number: i64,
    pub(crate) version: u64,
    pub(crate) seq: u64,
    pub(crate) head: [u8; 32],
    pub(crate) salt: chain::Salt,
}

/// What the rows say that a batch needs.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) aggregates: HashMap<Key, Standing>,
    pub(crate) claims: HashMap<String, Key>,
    pub(crate) requests: HashMap<(String, String), Request>,
    pub(crate) applied: HashMap<(String, String, String), u64>,
    /// Events that were applied before their producer was restored: (consumer, event id).
    pub(crate) displaced: HashSet<(String, String)>,
    pub(crate) timers: HashMap<(Key, String), Micros>,
}
