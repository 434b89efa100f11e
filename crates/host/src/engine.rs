//! The engine: load → decide → commit, and again if another decision was first.

use std::{sync::Arc, time::Duration};

use access::Principal;
use journal::{Commit, Conflict, Inbox, Journal, Key, Position, Request, Timer};
use law::Law;
use machine::Actor;
use prost::Message;

use crate::{Clock, Fault, Unit, hot::HotStates, replica::Replica, unit::Circumstances};

/// How often a decision is made anew when others were first.
const ATTEMPTS: u32 = 24;

/// How often a body may ask for what is not loaded.
const LOADS: u32 = 1_000;

/// A person's call that changes something.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who calls.
    pub principal: Principal,
    /// The client's id of the request.
    pub request_id: String,
    /// The full method, e.g. `approval/ReceiveDossiers`.
    pub method: &'static str,
    /// [Half a SHA-256](journal::chain::short) of the canonical request, without anything secret.
    pub digest: [u8; 16],
}

impl Call {
    /// A call whose digest covers the whole request. INVALID_ARGUMENT if `request_id` is not a UUID.
    pub fn new(
        principal: Principal,
        method: &'static str,
        request_id: &str,
        request: &impl Message,
    ) -> Result<Self, Fault> {
        if uuid::Uuid::try_parse(request_id).is_err() {
            return Err(Fault::field(
                "REQUEST_ID_REQUIRED",
                "request_id",
                "a UUID made by the client is required",
            ));
        }
        let digest = journal::chain::short(&request.encode_to_vec());
        Ok(Self {
            principal,
            request_id: request_id.to_owned(),
            method,
            digest,
        })
    }

    /// The principal as history names it.
    fn actor(&self) -> Actor {
        actor(&self.principal)
    }
}

/// A principal as history names it.
pub fn actor(who: &Principal) -> Actor {
    Actor {
        id: who.subject.clone(),
        role: who.role.as_str().to_owned(),
        agency: who.agency.clone(),
        on_behalf: None,
    }
}

/// What came of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reacted {
    /// Its effects are durable.
    Applied,
    /// They were before.
    Duplicate,
    /// Events of its aggregate before it are missing; this is the last one applied.
    Gap(u64),
}

/// Where a unit's states come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    /// Those touched lately, else the store.
    Hot,
    /// The store.
    Store,
}

/// The engine of one service.
#[derive(Clone)]
pub struct Engine {
    service: &'static str,
    journal: Journal,
    clock: Clock,
    replica: Replica,
    law: &'static Law,
    hot: HotStates,
}

impl Engine {
    /// An engine over a journal, with the law that is compiled in.
    pub fn new(service: &'static str, journal: Journal, clock: Clock, replica: Replica) -> Self {
        Self {
            service,
            journal,
            clock,
            replica,
            law: Law::embedded(),
            hot: HotStates::default(),
        }
    }

    /// The same with another law.
    #[must_use]
    pub fn with_law(self, law: &'static Law) -> Self {
        Self { law, ..self }
    }

    /// The law that is installed here.
    pub fn law(&self) -> &'static Law {
        self.law
    }

    /// The service's name.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// The journal.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The replica of the directory.
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Decides and commits a person's call; a repeat of it gets the first answer. `hint` names what the body will
    /// touch.
    pub async fn act<R: Message + Default>(
        &self,
        call: &Call,
        hint: Vec<Key>,
        body: impl Fn(&mut Unit) -> Result<R, Fault> + Send + Sync,
    ) -> Result<R, Fault> {
        let circumstances = Circumstances {
            by: call.actor(),
            at: self.clock.now(),
            request_id: call.request_id.clone(),
            cause: String::new(),
            traceparent: telemetry::traceparent(),
        };
        let scope = scope(&call.principal);
        for attempt in 0..ATTEMPTS {
            let (unit, decided) = self.decided(&circumstances, &hint, &body).await?;
            let reply = match decided {
                Ok(reply) => reply,
                Err(fault) => return self.repeated_or(&scope, call, fault).await,
            };
            let request = Request {
                principal: scope.clone(),
                request_id: call.request_id.clone(),
                method: call.method.to_owned(),
                digest: call.digest,
                reply: reply.encode_to_vec(),
                at: circumstances.at.0,
            };
            let known = (!mishap::planted(mishap::Defect::Requests)).then_some(request);
            let with = |commit: &mut Commit| commit.request = known;
            match self.commit(unit, with).await? {
                Ok(_) => return Ok(reply),
                Err(Conflict::Repeated(before)) => return repeat(call, &before),
                Err(Conflict::Taken { claim, .. }) => return self.repeated_or(&scope, call, taken(&claim)).await,
                Err(Conflict::Stale { .. } | Conflict::Applied | Conflict::Gap { .. }) => backoff(attempt).await,
            }
        }
        Err(Fault::Contended)
    }

    /// Applies an event once, in the order of its aggregate.
    pub async fn react(
        &self,
        inbox: Inbox,
        traceparent: String,
        hint: Vec<Key>,
        body: impl Fn(&mut Unit) -> Result<(), Fault> + Send + Sync,
    ) -> Result<Reacted, Fault> {
        let circumstances = Circumstances {
            by: Actor {
                id: inbox.producer.clone(),
                role: "service".to_owned(),
                ..Actor::default()
            },
            at: self.clock.now(),
            request_id: String::new(),
            cause: format!("event {}", inbox.event_id),
            traceparent,
        };
        for attempt in 0..ATTEMPTS {
            let (unit, decided) = self.decided(&circumstances, &hint, &body).await?;
            if let Err(fault) = decided {
                return self.out_of_turn_or(&inbox, fault).await;
            }
            let taken_up = Inbox {
                at: circumstances.at.0,
                ..inbox.clone()
            };
            let with = |commit: &mut Commit| commit.inbox = Some(taken_up);
            match self.commit(unit, with).await? {
                Ok(_) => return Ok(Reacted::Applied),
                Err(Conflict::Applied) => return Ok(Reacted::Duplicate),
                Err(Conflict::Gap { applied }) => return Ok(Reacted::Gap(applied)),
                Err(Conflict::Taken { claim, .. }) => return self.out_of_turn_or(&inbox, taken(&claim)).await,
                Err(Conflict::Stale { .. } | Conflict::Repeated(_)) => backoff(attempt).await,
            }
        }
        Err(Fault::Contended)
    }

    /// Fires a due timer once. A refusal forgets the timer and is not an error: its state was left.
    pub async fn fire(
        &self,
        timer: &Timer,
        body: impl Fn(&mut Unit) -> Result<(), Fault> + Send + Sync,
    ) -> Result<(), Fault> {
        let circumstances = Circumstances {
            by: Actor {
                id: self.service.to_owned(),
                role: "service".to_owned(),
                ..Actor::default()
            },
            at: self.clock.now(),
            request_id: String::new(),
            cause: format!("timer {}", timer.name),
            traceparent: telemetry::traceparent(),
        };
        let hint = vec![timer.key.clone()];
        for attempt in 0..ATTEMPTS {
            let (mut unit, decided) = self.decided(&circumstances, &hint, &body).await?;
            match decided {
                Ok(()) => {}
                Err(fault @ (Fault::Refused { .. } | Fault::Invalid { .. } | Fault::Denied(_))) => {
                    tracing::info!(timer = timer.name, key = %timer.key, reason = fault.reason(), "timer came too late");
                    unit.rewind();
                }
                Err(fault) => return Err(fault),
            }
            let with = |commit: &mut Commit| commit.fired = Some(timer.clone());
            match self.commit(unit, with).await? {
                Ok(_) | Err(Conflict::Applied | Conflict::Repeated(_) | Conflict::Gap { .. }) => return Ok(()),
                Err(Conflict::Taken { claim, .. }) => return Err(taken(&claim)),
                Err(Conflict::Stale { .. }) => backoff(attempt).await,
            }
        }
        Err(Fault::Contended)
    }

    /// Decides and commits work of the service itself, without a caller: not repeated, not deduplicated.
    pub async fn work(
        &self,
        cause: &str,
        hint: Vec<Key>,
        body: impl Fn(&mut Unit) -> Result<(), Fault> + Send + Sync,
    ) -> Result<(), Fault> {
        let circumstances = Circumstances {
            by: Actor {
                id: self.service.to_owned(),
                role: "service".to_owned(),
                ..Actor::default()
            },
            at: self.clock.now(),
            request_id: String::new(),
            cause: cause.to_owned(),
            traceparent: telemetry::traceparent(),
        };
        for attempt in 0..ATTEMPTS {
            let (unit, decided) = self.decided(&circumstances, &hint, &body).await?;
            decided?;
            match self.commit(unit, |_| {}).await? {
                Ok(_) => return Ok(()),
                Err(Conflict::Taken { claim, .. }) => return Err(taken(&claim)),
                Err(_) => backoff(attempt).await,
            }
        }
        Err(Fault::Contended)
    }

    /// Reads as a person: the newest committed versions, never a cache; commits nothing.
    pub async fn read<R>(
        &self,
        who: &Principal,
        hint: Vec<Key>,
        body: impl Fn(&mut Unit) -> Result<R, Fault> + Send + Sync,
    ) -> Result<R, Fault> {
        let circumstances = Circumstances {
            by: actor(who),
            at: self.clock.now(),
            ..Circumstances::default()
        };
        let mut unit = self.unit(circumstances, &hint, From::Store).await?;
        self.decide(&mut unit, &body, From::Store).await
    }

    /// Decides on states touched lately, where there are any. What fails on them is decided again on what the store has:
    /// another replica may have moved them.
    async fn decided<R>(
        &self,
        circumstances: &Circumstances,
        hint: &[Key],
        body: &(impl Fn(&mut Unit) -> Result<R, Fault> + Send + Sync),
    ) -> Result<(Unit, Result<R, Fault>), Fault> {
        let mut unit = self.unit(circumstances.clone(), hint, From::Hot).await?;
        let mut decided = self.decide(&mut unit, body, From::Hot).await;
        if decided.is_err() && unit.hot().next().is_some() {
            self.hot.forget(unit.hot());
            unit = self.unit(circumstances.clone(), hint, From::Store).await?;
            decided = self.decide(&mut unit, body, From::Store).await;
        }
        Ok((unit, decided))
    }

    /// Makes a decided unit durable, and remembers what it came to.
    async fn commit(&self, unit: Unit, with: impl FnOnce(&mut Commit)) -> Result<Result<Position, Conflict>, Fault> {
        let states = unit.states();
        let mut commit = unit.commit();
        with(&mut commit);
        let outcome = self.journal.commit(commit).await;
        if matches!(outcome, Ok(Ok(_))) {
            self.hot.learn(states);
        } else {
            self.hot.forget(states.iter().map(|(key, _)| key));
        }
        Ok(outcome?)
    }

    async fn unit(&self, circumstances: Circumstances, hint: &[Key], from: From) -> Result<Unit, Fault> {
        let mut unit = Unit::new(
            self.service,
            circumstances,
            self.law,
            self.replica.agencies(),
            Arc::clone(self.journal.lineage()),
        );
        self.load(&mut unit, hint.to_vec(), from).await?;
        Ok(unit)
    }

    async fn load(&self, unit: &mut Unit, mut keys: Vec<Key>, from: From) -> Result<(), Fault> {
        keys.retain(|key| !unit.is_known(key));
        keys.sort();
        keys.dedup();
        if from == From::Hot {
            keys.retain(|key| match self.hot.get(key) {
                Some(hot) => {
                    unit.supply_hot(key.clone(), hot);
                    false
                }
                None => true,
            });
        }
        if !keys.is_empty() {
            let loaded = self.journal.store().load(&keys).await?;
            unit.supply(keys, loaded);
        }
        Ok(())
    }

    /// Runs the body until it has all that it needs.
    async fn decide<R>(
        &self,
        unit: &mut Unit,
        body: &(impl Fn(&mut Unit) -> Result<R, Fault> + Send + Sync),
        from: From,
    ) -> Result<R, Fault> {
        for _ in 0..LOADS {
            match body(unit) {
                Err(Fault::Need) => {
                    let wanted = unit.rewind();
                    if wanted.is_empty() {
                        return Err(Fault::Internal(
                            "a body needs something and does not say what".to_owned(),
                        ));
                    }
                    self.load(unit, wanted.keys, from).await?;
                    for key in wanted.boxes {
                        // The box is read after its aggregate: a ballot in between moves the version, and the commit
                        // is decided anew.
                        let values = self.journal.store().sealed(&key).await?;
                        unit.supply_box(key, values);
                    }
                    for (sql, args) in wanted.queries {
                        let rows = self.journal.store().query(sql, &args).await?;
                        unit.supply_rows((sql, args), rows);
                    }
                }
                decided => return decided,
            }
        }
        // For ever asking for something new: an id drawn inside the body, without `assume_new`.
        Err(Fault::Internal(format!(
            "a body still asks for more after {LOADS} loads"
        )))
    }

    /// An event that was applied before, or comes before its turn, is no bad one: of course its state refuses it.
    async fn out_of_turn_or(&self, inbox: &Inbox, fault: Fault) -> Result<Reacted, Fault> {
        if fault.is_transient() {
            return Err(fault);
        }
        let store = self.journal.store();
        let applied = store
            .applied(&inbox.consumer, &inbox.producer, &inbox.aggregate)
            .await?;
        match inbox.seq {
            seq if seq <= applied => Ok(Reacted::Duplicate),
            seq if seq > applied + 1 => Ok(Reacted::Gap(applied)),
            _ => Err(fault),
        }
    }

    /// A repeat of an answered request gets that answer, whatever the state says now.
    async fn repeated_or<R: Message + Default>(&self, scope: &str, call: &Call, fault: Fault) -> Result<R, Fault> {
        match self.journal.store().request(scope, &call.request_id).await? {
            Some(before) => repeat(call, &before),
            None => Err(fault),
        }
    }
}

/// Whose request ids are told apart: the person in the role.
fn scope(who: &Principal) -> String {
    format!("{}/{}@{}", who.subject, who.role.as_str(), who.agency)
}

fn repeat<R: Message + Default>(call: &Call, before: &Request) -> Result<R, Fault> {
    if before.digest != call.digest || before.method != call.method {
        return Err(Fault::Reused);
    }
    R::decode(before.reply.as_slice()).map_err(|e| Fault::Internal(format!("stored reply is not readable: {e}")))
}

/// A claim's first part says what kind of number is taken.
fn taken(claim: &str) -> Fault {
    let (kind, rest) = claim.split_once('/').unwrap_or((claim, ""));
    let reason = match kind {
        "paper-award" => "ALREADY_RECORDED",
        "reference" => "REFERENCE_TAKEN",
        _ => "NUMBER_TAKEN",
    };
    Fault::refused(reason, rest)
}

async fn backoff(attempt: u32) {
    let [jitter] = crate::entropy::random::<1>();
    if attempt > 1 {
        tokio::time::sleep(Duration::from_micros(u64::from(jitter) << attempt.min(9))).await;
    } else {
        tokio::task::yield_now().await;
    }
}

/// Shares an engine among the handlers of a service.
pub type Shared = Arc<Engine>;
