//! Judges the commits of a batch in memory, in their order: which stand, which fall and what there is to write. Both
//! stores read the [`Facts`], ask for a [`Plan`], and write it.

use std::collections::{BTreeMap, HashMap};

use mishap::Defect;

use crate::{
    ClaimOp, Commit, Conflict, Entry, Inbox, Key, Micros, NewEvent, Position, Request, Seal, Step, StoreError, Timer,
    TimerOp, Write, chain,
    needs::{Facts, Standing, Stream, stream},
};

/// The new row of an aggregate.
pub(crate) struct Snapshot<'a> {
    pub(crate) machine_version: u32,
    pub(crate) encoded: &'a [u8],
    /// The version in the store before the batch; 0 for a row to insert.
    pub(crate) stored: u64,
    pub(crate) now: Standing,
}

/// A new row of history.
pub(crate) struct NewRow<'a> {
    pub(crate) key: &'a Key,
    pub(crate) version: u64,
    pub(crate) machine_version: u32,
    pub(crate) entry: &'a Entry,
    pub(crate) hash: [u8; 32],
}

/// A new event; its position is given out by the store.
pub(crate) struct NewEventRow<'a> {
    pub(crate) key: &'a Key,
    pub(crate) seq: u64,
    pub(crate) version: u64,
    pub(crate) event: &'a NewEvent,
}

/// What happens to an aggregate's sealed box.
#[derive(Default)]
pub(crate) struct Sealing<'a> {
    /// Everything that the box held before the batch goes.
    pub(crate) destroyed: bool,
    pub(crate) puts: BTreeMap<&'a str, &'a [u8]>,
}

/// What a batch comes to.
#[derive(Default)]
pub(crate) struct Plan<'a> {
    /// For each commit, how many events the batch has published once it is done, or why it changes nothing.
    outcomes: Vec<Result<usize, Conflict>>,
    pub(crate) aggregates: BTreeMap<&'a Key, Snapshot<'a>>,
    pub(crate) history: Vec<NewRow<'a>>,
    pub(crate) events: Vec<NewEventRow<'a>>,
    /// Set to a time, or cleared.
    pub(crate) timers: BTreeMap<(&'a Key, &'a str), Option<Micros>>,
    /// The new holder, or nobody.
    claims: BTreeMap<&'a str, Option<&'a Key>>,
    requests: BTreeMap<(&'a str, &'a str), &'a Request>,
    pub(crate) inbox: Vec<&'a Inbox>,
    pub(crate) applied: BTreeMap<Stream<'a>, u64>,
    pub(crate) sealed: BTreeMap<&'a Key, Sealing<'a>>,
    pub(crate) views: Vec<&'a Write>,
}

impl<'a> Plan<'a> {
    /// Judges a batch. Fails only if there are no random numbers.
    pub(crate) fn new(batch: &'a [Commit], facts: &Facts) -> Result<Self, StoreError> {
        let mut plan = Self::default();
        for commit in batch {
            let outcome = if let Some(conflict) = plan.judge(commit, facts) {
                Err(conflict)
            } else {
                plan.accept(commit, facts)?;
                Ok(plan.events.len())
            };
            plan.outcomes.push(outcome);
        }
        Ok(plan)
    }

    /// The answers, once it is known which position was the newest before the batch's own events.
    pub(crate) fn answers(self, before: Position) -> Vec<Result<Position, Conflict>> {
        self.outcomes
            .into_iter()
            .map(|outcome| outcome.map(|events| before + events as Position))
            .collect()
    }

    /// Whether any commit stands.
    pub(crate) fn changes_something(&self) -> bool {
        self.outcomes.iter().any(Result::is_ok)
    }

    pub(crate) fn requests(&self) -> impl Iterator<Item = &'a Request> + '_ {
        self.requests.values().copied()
    }

    /// Claims whose stored row goes. The aggregate that held each is moved by the batch, so nobody else changes it.
    pub(crate) fn freed<'p>(&'p self, facts: &'p Facts) -> impl Iterator<Item = &'a str> + 'p {
        self.claims
            .iter()
            .filter(|(claim, new)| facts.claims.get(**claim).is_some_and(|old| **new != Some(old)))
            .map(|(claim, _)| *claim)
    }

    /// Claims that get a row, with their holders.
    pub(crate) fn claimed<'p>(&'p self, facts: &'p Facts) -> impl Iterator<Item = (&'a str, &'a Key)> + 'p {
        self.claims.iter().filter_map(|(claim, new)| {
            new.filter(|new| facts.claims.get(*claim) != Some(new))
                .map(|new| (*claim, new))
        })
    }

    fn version(&self, key: &Key, facts: &Facts) -> u64 {
        self.standing(key, facts).version
    }

    fn standing(&self, key: &Key, facts: &Facts) -> Standing {
        match self.aggregates.get(key) {
            Some(snapshot) => snapshot.now,
            None => facts.aggregates.get(key).copied().unwrap_or(Standing {
                head: chain::GENESIS,
                ..Standing::default()
            }),
        }
    }

    fn judge(&self, commit: &'a Commit, facts: &Facts) -> Option<Conflict> {
        commit
            .request
            .as_ref()
            .and_then(|request| self.repeated(request, facts))
            .or_else(|| commit.inbox.as_ref().and_then(|inbox| self.out_of_order(inbox, facts)))
            .or_else(|| commit.fired.as_ref().and_then(|timer| self.over(timer, facts)))
            .or_else(|| self.stale(commit, facts))
            .or_else(|| self.taken(commit, facts))
    }

    fn repeated(&self, request: &Request, facts: &Facts) -> Option<Conflict> {
        let earlier = self
            .requests
            .get(&(request.principal.as_str(), request.request_id.as_str()))
            .copied();
        let earlier = earlier.or_else(|| {
            facts
                .requests
                .get(&(request.principal.clone(), request.request_id.clone()))
        });
        earlier.map(|earlier| Conflict::Repeated(Box::new(earlier.clone())))
    }

    fn out_of_order(&self, inbox: &Inbox, facts: &Facts) -> Option<Conflict> {
        let Inbox {
            consumer,
            producer,
            aggregate,
            event_id,
            ..
        } = inbox;
        let applied = self
            .applied
            .get(&stream(inbox))
            .copied()
            .or_else(|| {
                facts
                    .applied
                    .get(&(consumer.clone(), producer.clone(), aggregate.clone()))
                    .copied()
            })
            .unwrap_or(0);
        let displaced = facts.displaced.contains(&(consumer.clone(), event_id.clone()));
        if mishap::planted(Defect::Inbox) {
            None
        } else if displaced || inbox.seq <= applied {
            Some(Conflict::Applied)
        } else if inbox.seq > applied + 1 {
            Some(Conflict::Gap { applied })
        } else {
            None
        }
    }

    /// A timer that is not set any more, or for another instant.
    fn over(&self, timer: &Timer, facts: &Facts) -> Option<Conflict> {
        let planned = self.timers.get(&(&timer.key, timer.name.as_str())).copied();
        let stored = || facts.timers.get(&(timer.key.clone(), timer.name.clone())).copied();
        let due = planned.unwrap_or_else(stored);
        (due != Some(timer.due)).then_some(Conflict::Applied)
    }

    fn stale(&self, commit: &'a Commit, facts: &Facts) -> Option<Conflict> {
        if mishap::planted(Defect::Version) {
            return None;
        }
        let stale = |key: &Key, expected: u64, found: u64| Conflict::Stale {
            key: key.clone(),
            expected,
            found,
        };
        let mut moved: HashMap<&Key, (u64, u64)> = HashMap::new();
        for Step {
            key,
            expected,
            seq,
            entries,
            events,
            ..
        } in &commit.steps
        {
            let found = moved.get(key).copied().unwrap_or_else(|| {
                let standing = self.standing(key, facts);
                (standing.version, standing.seq)
            });
            if found != (*expected, *seq) {
                return Some(stale(key, *expected, found.0));
            }
            moved.insert(key, (expected + entries.len() as u64, seq + events.len() as u64));
        }
        commit
            .guards
            .iter()
            .map(|guard| (guard, self.version(&guard.key, facts)))
            .find(|(guard, found)| guard.expected != *found)
            .map(|(guard, found)| stale(&guard.key, guard.expected, found))
    }

    fn holder<'f>(&self, claim: &str, facts: &'f Facts) -> Option<&'f Key>
    where
        'a: 'f,
    {
        self.claims
            .get(claim)
            .copied()
            .unwrap_or_else(|| facts.claims.get(claim))
    }

    fn taken(&self, commit: &'a Commit, facts: &Facts) -> Option<Conflict> {
        let mut within: HashMap<&str, Option<&Key>> = HashMap::new();
        for step in &commit.steps {
            for op in &step.claims {
                let (ClaimOp::Claim(claim) | ClaimOp::Release(claim)) = op;
                let holder = within
                    .get(claim.as_str())
                    .copied()
                    .unwrap_or_else(|| self.holder(claim, facts));
                match (op, holder) {
                    (ClaimOp::Claim(_), Some(holder)) if *holder != step.key => {
                        return Some(Conflict::Taken {
                            claim: claim.clone(),
                            holder: holder.clone(),
                        });
                    }
                    (ClaimOp::Claim(_), _) => within.insert(claim, Some(&step.key)),
                    (ClaimOp::Release(_), Some(holder)) if *holder == step.key => within.insert(claim, None),
                    (ClaimOp::Release(_), _) => None,
                };
            }
        }
        None
    }

    fn accept(&mut self, commit: &'a Commit, facts: &Facts) -> Result<(), StoreError> {
        if let Some(timer) = &commit.fired {
            self.timers.insert((&timer.key, &timer.name), None);
        }
        for step in &commit.steps {
            self.accept_step(step, facts)?;
        }
        if let Some(request) = &commit.request {
            self.requests.insert((&request.principal, &request.request_id), request);
        }
        if let Some(inbox) = &commit.inbox {
            self.inbox.push(inbox);
            self.applied.insert(stream(inbox), inbox.seq);
        }
        for seal in &commit.sealed {
            match seal {
                Seal::Put { key, name, value } => {
                    self.sealed.entry(key).or_default().puts.insert(name, value);
                }
                Seal::Destroy { key } => {
                    self.sealed.insert(
                        key,
                        Sealing {
                            destroyed: true,
                            puts: BTreeMap::new(),
                        },
                    );
                }
            }
        }
        self.views.extend(&commit.views);
        Ok(())
    }

    fn accept_step(&mut self, step: &'a Step, facts: &Facts) -> Result<(), StoreError> {
        let Step {
            key,
            machine_version,
            snapshot,
            ..
        } = step;
        let mut now = self.standing(key, facts);
        if now.version == 0 {
            now.salt = chain::salt()?;
        }
        for entry in &step.entries {
            now.version += 1;
            let commitment = chain::commitment(&now.salt, now.version, entry);
            now.head = chain::hash(&now.head, key, now.version, *machine_version, entry, &commitment);
            if mishap::planted(Defect::Chain) {
                now.head = commitment;
            }
            let (version, hash) = (now.version, now.head);
            let machine_version = *machine_version;
            self.history.push(NewRow {
                key,
                version,
                machine_version,
                entry,
                hash,
            });
        }
        for event in &step.events {
            now.seq += 1;
            self.events.push(NewEventRow {
                key,
                seq: now.seq,
                version: now.version,
                event,
            });
        }
        for timer in &step.timers {
            match timer {
                TimerOp::Set { name, due } => self.timers.insert((key, name), Some(*due)),
                TimerOp::Clear { name } => self.timers.insert((key, name), None),
            };
        }
        for op in &step.claims {
            match op {
                ClaimOp::Claim(claim) => {
                    self.claims.insert(claim, Some(key));
                }
                ClaimOp::Release(claim) => {
                    if self.holder(claim, facts) == Some(key) {
                        self.claims.insert(claim, None);
                    }
                }
            }
        }
        let stored = facts.aggregates.get(key).map_or(0, |standing| standing.version);
        self.aggregates.insert(
            key,
            Snapshot {
                machine_version: *machine_version,
                encoded: snapshot,
                stored,
                now,
            },
        );
        Ok(())
    }
}
