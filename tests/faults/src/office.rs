//! Many officials at once, each call with a request id of its own: tried again under the same id after an unknown
//! outcome, repeated at times though it was answered, given up in the middle, raced by a colleague.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use access::{Issuer, Principal};
use anyhow::Context;
use checker::{ClientLog, Operation, Who};
use futures::{StreamExt as _, future::join_all, stream::FuturesUnordered};
use tokio::{sync::watch, time::Instant};
use tonic::{Code, Status};
use vinhdanh::client::{Client, Servers};

use crate::{
    acts::{Act, Case, Desk, Official},
    clock::{self, Clock},
    dice::Dice,
    script::{self, Kind, Scene},
};

/// Sets of channels: the officials do not all sit at one computer, and replicas share them out.
const COMPUTERS: usize = 6;
/// Tokens outlive any simulated span.
const TOKEN_S: i64 = 100 * 366 * 86_400;
/// How long a patient official waits for an answer.
const PATIENCE: Duration = Duration::from_secs(8);
const PAUSE_MIN: Duration = Duration::from_millis(10);
const PAUSE_MAX: Duration = Duration::from_millis(250);
/// Between the beginnings of two dossiers.
const BETWEEN: Duration = Duration::from_millis(60);

/// How much is done, and how wildly.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// At most so many dossiers.
    pub dossiers_max: usize,
    /// So many at once.
    pub in_flight: usize,
    /// Attempts of a hundred that are given up halfway.
    pub cancelled_percent: u64,
    /// Acts of a hundred that two officials try at once.
    pub raced_percent: u64,
    /// Answered calls of a hundred that are made again.
    pub repeated_percent: u64,
}

/// What the work has come to.
#[derive(Debug, Default)]
pub struct Work {
    /// Acknowledged calls.
    pub acknowledged: AtomicUsize,
    /// Attempts whose outcome nobody knew.
    pub unknown: AtomicUsize,
    /// Dossiers begun.
    pub begun: AtomicUsize,
    /// Dossiers done.
    pub done: AtomicUsize,
    /// What no official understands.
    pub troubles: Mutex<Vec<String>>,
}

/// All who act.
pub struct Office {
    computers: Vec<Client>,
    issuer: Issuer,
    log: ClientLog,
    clock: Clock,
    seed: u64,
    load: Load,
    /// Nobody gives up any more; when those who are not done do.
    calm: watch::Sender<Option<Instant>>,
    /// What was done.
    pub work: Work,
}

/// What came of an act.
enum Came {
    Acknowledged(Case),
    /// A colleague was first.
    Overtaken,
    GaveUp,
}

impl Office {
    /// Officials of services behind these addresses, with the key in `data`.
    pub fn open(
        servers: &Servers,
        data: &Path,
        log: &Path,
        clock: &Clock,
        seed: u64,
        load: Load,
    ) -> anyhow::Result<Self> {
        let pem = std::fs::read_to_string(data.join("issuer.pem")).context("the services have made no key")?;
        let settings = host::config::Settings::default();
        let issuer = Issuer::from_pem(settings.issuer, settings.audience, &pem)?;
        let computers = (0..COMPUTERS).map(|_| Client::new(servers, ""));
        Ok(Self {
            computers: computers.collect::<anyhow::Result<_>>()?,
            issuer,
            log: ClientLog::append(log)?,
            clock: clock.clone(),
            seed,
            load,
            calm: watch::Sender::new(None),
            work: Work::default(),
        })
    }

    /// A token for somebody.
    pub fn token(&self, who: &Official) -> String {
        let principal = Principal {
            subject: who.subject(),
            role: who.role,
            agency: who.agency.clone(),
            person: None,
        };
        // From the beginning: a process may lag behind the clock.
        self.issuer.sign(&principal, clock::START / 1_000_000, TOKEN_S)
    }

    /// No new dossiers; those begun may take so long.
    pub fn calm_down(&self, within: Duration) {
        self.calm.send_replace(Some(Instant::now() + within));
    }

    /// Whether the work is at its end.
    fn is_calm(&self) -> bool {
        self.calm.borrow().is_some()
    }

    fn is_over(&self) -> bool {
        self.calm.borrow().is_some_and(|until| Instant::now() > until)
    }

    /// Subscribes somebody to everything.
    pub async fn subscribe(&self, channels: Vec<Act>) -> anyhow::Result<()> {
        let auditor = Official::of(access::Role::Auditor, "bo-noi-vu");
        let scene: Scene = channels.into_iter().map(|act| (auditor.clone(), act)).collect();
        for (at, line) in scene.into_iter().enumerate() {
            let dice = Dice::new(self.seed, &format!("subscription {at}"));
            if !matches!(
                self.act(&format!("s{at}"), &line, &Case::default(), None, dice).await,
                Came::Acknowledged(_)
            ) {
                anyhow::bail!("no subscription: {:?}", self.troubles());
            }
        }
        Ok(())
    }

    /// What no official understood.
    pub fn troubles(&self) -> Vec<String> {
        self.work
            .troubles
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Works on one dossier after the other until it is time to calm down, and then ends what was begun.
    pub async fn run(&self) -> anyhow::Result<()> {
        let mut under_way = FuturesUnordered::new();
        let mut number = 0;
        let mut ticks = tokio::time::interval(BETWEEN);
        loop {
            let more = number < self.load.dossiers_max && !self.is_calm();
            if !more && under_way.is_empty() {
                // Whoever waits for the end of the faults waits here too.
                let mut calm = self.calm.subscribe();
                calm.wait_for(Option::is_some).await?;
                return Ok(());
            }
            tokio::select! {
                _ = ticks.tick(), if more && under_way.len() < self.load.in_flight => {
                    number += 1;
                    under_way.push(self.dossier(number));
                }
                Some(ended) = under_way.next() => ended?,
            }
        }
    }

    async fn dossier(&self, number: usize) -> anyhow::Result<()> {
        let mut dice = Dice::new(self.seed, &format!("dossier {number}"));
        let kind = match dice.between(1, 100) {
            ..=55 => Kind::Certificate,
            56..=90 => Kind::Title,
            _ => Kind::Hero,
        };
        let scenes = script::scenes(kind, number, &mut dice)?;
        self.work.begun.fetch_add(1, Ordering::Relaxed);
        let mut case = Case::default();
        for (at, scene) in scenes.iter().enumerate() {
            let Some(next) = self.play(&format!("d{number}.{at}"), scene, &case, &mut dice).await else {
                return Ok(());
            };
            case = next;
        }
        self.work.done.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// All lines side by side; the case as it then is, or none if somebody gave up.
    async fn play(&self, id: &str, scene: &Scene, case: &Case, dice: &mut Dice) -> Option<Case> {
        let mut lines: BTreeMap<String, (Official, Act)> = BTreeMap::new();
        for (at, (official, act)) in scene.iter().enumerate() {
            lines.insert(format!("{id}.{at}"), (official.clone(), act.clone()));
            if act.may_be_raced() && dice.chance(self.load.raced_percent) {
                let rival = Official::named(&format!("{}-2", official.name), official.role, &official.agency);
                lines.insert(format!("{id}.{at}.rival"), (rival, act.clone()));
            }
        }
        let raced = lines.len() > scene.len();
        let taken = AtomicBool::new(false);
        let acts = lines.iter().map(|(id, line)| {
            let dice = Dice::new(self.seed, id);
            self.act(id, line, case, raced.then_some(&taken), dice)
        });
        let mut next = None;
        for came in join_all(acts).await {
            match came {
                Came::Acknowledged(case) => next = Some(case),
                Came::Overtaken => {}
                Came::GaveUp => return None,
            }
        }
        next
    }

    /// One operation, until its outcome is known.
    async fn act(
        &self,
        id: &str,
        (who, act): &(Official, Act),
        case: &Case,
        taken: Option<&AtomicBool>,
        mut dice: Dice,
    ) -> Came {
        let request_id = dice.request_id();
        let logged = Who {
            subject: who.subject(),
            role: who.role.as_str().to_owned(),
            agency: who.agency.clone(),
        };
        let op = self.log.operation(id, act.method(), &logged, &request_id);
        let token = self.token(who);
        let mut pause = PAUSE_MIN;
        loop {
            match self.attempt(&op, act, &token, &request_id, case, &mut dice).await {
                Some(Ok(next)) => {
                    self.work.acknowledged.fetch_add(1, Ordering::Relaxed);
                    if let Some(taken) = taken {
                        taken.store(true, Ordering::Release);
                    }
                    if dice.chance(self.load.repeated_percent) {
                        // What it is answered with is for the checker to compare.
                        _ = self.attempt(&op, act, &token, &request_id, case, &mut dice).await;
                    }
                    return Came::Acknowledged(next);
                }
                Some(Err(status)) if may_pass(&status) => {
                    let refused = !is_unknown(&status);
                    if refused && taken.is_some_and(|taken| taken.load(Ordering::Acquire)) {
                        return Came::Overtaken;
                    }
                    if self.is_over() {
                        return self.give_up(id, act, &status);
                    }
                }
                Some(Err(status)) => return self.give_up(id, act, &status),
                None if self.is_over() => return self.give_up(id, act, &Status::deadline_exceeded("no answer")),
                None => {}
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// One attempt; none if it was given up.
    async fn attempt(
        &self,
        op: &Operation,
        act: &Act,
        token: &str,
        request_id: &str,
        case: &Case,
        dice: &mut Dice,
    ) -> Option<Result<Case, Status>> {
        let client = match dice.pick(&self.computers).acting(token) {
            Ok(client) => client,
            Err(error) => return Some(Err(Status::invalid_argument(error.to_string()))),
        };
        let desk = Desk {
            client: &client,
            log: &self.log,
            clock: &self.clock,
        };
        let given_up = !self.is_calm() && dice.chance(self.load.cancelled_percent);
        let patience = if given_up {
            Duration::from_micros(dice.between(200, 40_000))
        } else {
            PATIENCE
        };
        let answer = tokio::time::timeout(patience, act.call(&desk, op, request_id, case))
            .await
            .ok();
        if answer
            .as_ref()
            .is_none_or(|answer| answer.as_ref().is_err_and(is_unknown))
        {
            self.work.unknown.fetch_add(1, Ordering::Relaxed);
        }
        answer
    }

    fn give_up(&self, id: &str, act: &Act, status: &Status) -> Came {
        let text = format!("{id} {}: {:?} {}", act.method(), status.code(), status.message());
        self.work
            .troubles
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(text);
        Came::GaveUp
    }
}

/// Nobody knows whether it happened.
fn is_unknown(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown | Code::Internal | Code::DataLoss
    )
}

/// Whether another attempt may do: the news has not come yet, or a service is away.
fn may_pass(status: &Status) -> bool {
    let news = matches!(
        status.code(),
        Code::FailedPrecondition | Code::PermissionDenied | Code::NotFound | Code::Aborted | Code::ResourceExhausted
    );
    news || is_unknown(status)
}
