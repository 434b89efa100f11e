//! The officials: each act is asked for until it is answered, under one request id, and every word of it is written down.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use access::Principal;
use futures::future::join_all;
use tonic::{Code, Status};

use crate::{
    Chance, Log, Weather,
    act::{Act, Case, Reply, service_of},
    line::Line,
    node::Node,
    script::Stage,
};

/// What came of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// Acknowledged.
    Ok(Reply),
    /// Refused: nothing happened.
    Refused(String),
    /// It may have happened, or may happen yet.
    Unknown(String),
}

/// One act and all that came of it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The scope of the id.
    pub scope: String,
    /// Whose API.
    pub service: &'static str,
    /// The act's word.
    pub act: &'static str,
    /// The dossier, once known.
    pub dossier: String,
    /// What each call came to.
    pub came: Vec<Came>,
}

/// All officials of a run.
pub struct Crew {
    nodes: BTreeMap<&'static str, Vec<Arc<Node>>>,
    chance: Chance,
    weather: Arc<Weather>,
    log: Log,
    asked: Mutex<BTreeMap<String, Asked>>,
    flaws: Mutex<Vec<String>>,
    late: AtomicBool,
}

impl Crew {
    /// Officials who know these processes.
    pub fn new(nodes: &[Arc<Node>], chance: Chance, weather: Arc<Weather>, log: Log) -> Arc<Self> {
        let mut of: BTreeMap<&'static str, Vec<Arc<Node>>> = BTreeMap::new();
        for node in nodes {
            of.entry(node.service()).or_default().push(Arc::clone(node));
        }
        Arc::new(Self {
            nodes: of,
            chance,
            weather,
            log,
            asked: Mutex::default(),
            flaws: Mutex::default(),
            late: AtomicBool::new(false),
        })
    }

    /// All acts, by request id.
    pub fn asked(&self) -> BTreeMap<String, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What no answer may ever be.
    pub fn flaws(&self) -> Vec<String> {
        self.flaws.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Nobody asks any more.
    pub fn go_home(&self) {
        self.late.store(true, Ordering::Relaxed);
    }

    /// A line to a service as somebody.
    pub fn line(&self, service: &str, who: &Principal) -> Line {
        Line {
            nodes: self.nodes.get(service).cloned().unwrap_or_default(),
            who: who.clone(),
            chance: self.chance.clone(),
            weather: Arc::clone(&self.weather),
        }
    }

    /// Plays all stages of a dossier; the case at the end, or which act was not to be had.
    pub async fn play(self: Arc<Self>, stages: Vec<Stage>) -> Result<Case, String> {
        let mut case = Case::default();
        for stage in stages {
            let asked = stage.iter().map(|(who, act)| self.ask(who, act, &case));
            for reply in join_all(asked).await {
                let Reply { dossier, session, .. } = reply?;
                if !dossier.is_empty() {
                    case.dossier = dossier;
                }
                if !session.is_empty() {
                    case.session = session;
                }
            }
        }
        Ok(case)
    }

    /// Asks for one act until it is done.
    pub async fn ask(&self, who: &Principal, act: &Act, case: &Case) -> Result<Reply, String> {
        let id = self.chance.id();
        let asked = Asked {
            scope: format!("{}/{}@{}", who.subject, who.role.as_str(), who.agency),
            service: service_of(act),
            act: act.word(),
            dossier: case.dossier.clone(),
            came: Vec::new(),
        };
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id.clone(), asked);
        let mut pause = 4;
        loop {
            let calls = 1 + usize::from(self.weather.strikes(&self.chance, self.weather.twice));
            let calling = (0..calls).map(|_| self.call(who, act, &id, case));
            let came = join_all(calling).await;
            if let Some(Came::Ok(reply)) = came.iter().find(|came| matches!(came, Came::Ok(_))) {
                self.doubt(who, act, &id, case).await;
                return Ok(reply.clone());
            }
            if self.late.load(Ordering::Relaxed) {
                return Err(format!(
                    "{} of {} as {}: {came:?}",
                    act.word(),
                    case.dossier,
                    who.subject
                ));
            }
            tokio::time::sleep(Duration::from_millis(pause + self.chance.below(pause))).await;
            pause = (pause * 2).min(250);
        }
    }

    /// Now and then an acknowledged act is asked for again: the answer must be the same, and to another request under
    /// the same id there is none.
    async fn doubt(&self, who: &Principal, act: &Act, id: &str, case: &Case) {
        if self.chance.permille(60) {
            self.call(who, act, id, case).await;
        }
        if let Act::Appraise = act
            && self.chance.permille(100)
        {
            let answered = Act::Receive.call(self.line("approval", who), id, case).await;
            if answered.is_ok() {
                let flaw = format!("I13 {id}: another request under the same id is answered");
                self.flaws.lock().unwrap_or_else(PoisonError::into_inner).push(flaw);
            }
        }
    }

    async fn call(&self, who: &Principal, act: &Act, id: &str, case: &Case) -> Came {
        let line = self.line(service_of(act), who);
        let calling = act.call(line, id, case);
        let came = if self.weather.strikes(&self.chance, self.weather.hung_up) {
            let until = Duration::from_millis(1 + self.chance.below(20));
            match tokio::time::timeout(until, calling).await {
                Ok(answer) => came(answer),
                Err(_) => Came::Unknown("hung up".to_owned()),
            }
        } else {
            came(calling.await)
        };
        let word = match &came {
            Came::Ok(_) => "ok".to_owned(),
            Came::Refused(why) => format!("refused: {why}"),
            Came::Unknown(why) => format!("unknown: {why}"),
        };
        let about = format_args!("official {} {}", who.subject, case.dossier);
        self.log.note(about, format_args!("{} [{id}] {word}", act.word()));
        if let Some(asked) = self.asked.lock().unwrap_or_else(PoisonError::into_inner).get_mut(id) {
            asked.came.push(came.clone());
        }
        came
    }
}

fn came(answer: Result<Reply, Status>) -> Came {
    match answer {
        Ok(reply) => Came::Ok(reply),
        Err(status) => {
            let why = format!("{:?} {}", status.code(), status.message());
            match status.code() {
                Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown | Code::Internal => {
                    Came::Unknown(why)
                }
                _ => Came::Refused(why),
            }
        }
    }
}
