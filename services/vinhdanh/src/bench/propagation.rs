//! `--propagation`: how long after an acknowledged command the next service shows what follows from it, under half of the
//! load that it can take.
//!
//! Half load is dossiers that begin evenly, one after the other, at half of the pace at which they were done before. Of
//! every fourth of them the next service is asked again and again, with a pause of a millisecond: asking is load too. So
//! a figure is late by at most that pause, which the timer may make two of, and one call.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use proto::{approval::v1::GetCourseRequest, approval::v1::Step, intake::v1::GetDossierRequest};
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::Instant};
use tonic::Status;

use super::{
    crew::percentile_ms,
    dossier::DAY,
    ground::{Ground, morning},
    report::{Report, rounded},
    sink::Sink,
    work,
};
use crate::{client::Client, drive::Act, output::aligned, output::note};

/// Longer than any target: then it did not come.
const LOST: Duration = Duration::from_secs(30);
/// Only these are looked at, so that looking stays a small part of the load.
const ONE_IN: usize = 4;
/// Between two questions about one dossier.
const PAUSE: Duration = Duration::from_millis(1);

/// From where to where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hop {
    IntakeToApproval,
    CouncilToApproval,
    ApprovalToIntake,
}

impl Hop {
    const ALL: [Self; 3] = [Self::IntakeToApproval, Self::CouncilToApproval, Self::ApprovalToIntake];

    /// The hop that an act begins.
    fn after(act: &Act) -> Option<Self> {
        match act {
            Act::Submit { .. } => Some(Self::IntakeToApproval),
            Act::Minute => Some(Self::CouncilToApproval),
            Act::Award { .. } => Some(Self::ApprovalToIntake),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::IntakeToApproval => "intake → approval",
            Self::CouncilToApproval => "council → approval",
            Self::ApprovalToIntake => "approval → intake",
        }
    }

    /// Whether the next service shows it.
    async fn is_shown(self, client: &Client, dossier: &str) -> Result<bool, Status> {
        let dossier = dossier.to_owned();
        match self {
            Self::ApprovalToIntake => {
                let request = GetDossierRequest { dossier };
                let shown = client.intake().get_dossier(request).await?.into_inner();
                Ok(shown.status() == proto::intake::v1::Status::Awarded)
            }
            Self::IntakeToApproval | Self::CouncilToApproval => {
                let request = GetCourseRequest { dossier };
                match client.approval().get_course(request).await {
                    Ok(course) => Ok(course.into_inner().step() != Step::InCouncil),
                    // What is not there looks like what one may not see.
                    Err(status) if status.code() == tonic::Code::PermissionDenied => Ok(false),
                    Err(status) => Err(status),
                }
            }
        }
    }
}

/// Looks at what dossiers lead to elsewhere.
pub struct Observer {
    client: Client,
    seen: Arc<Mutex<Seen>>,
    watching: Mutex<JoinSet<()>>,
}

#[derive(Default)]
struct Seen {
    times: Vec<(Hop, Duration)>,
    problem: Option<String>,
}

impl Observer {
    /// As somebody who may read everything.
    fn new(client: Client) -> Self {
        Self {
            client,
            seen: Arc::default(),
            watching: Mutex::default(),
        }
    }

    /// An act was acknowledged just now.
    pub fn acknowledged(&self, number: usize, act: &Act, dossier: &str) {
        let Some(hop) = Hop::after(act).filter(|_| number.is_multiple_of(ONE_IN)) else {
            return;
        };
        let began = Instant::now();
        let (client, seen, dossier) = (self.client.clone(), Arc::clone(&self.seen), dossier.to_owned());
        let look = async move {
            let found = loop {
                match hop.is_shown(&client, &dossier).await {
                    Ok(true) => break Ok(began.elapsed()),
                    Ok(false) if began.elapsed() > LOST => break Err(format!("{}: {dossier} never came", hop.word())),
                    Ok(false) => tokio::time::sleep(PAUSE).await,
                    Err(status) => break Err(format!("{}: {dossier}: {status}", hop.word())),
                }
            };
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            match found {
                Ok(time) => seen.times.push((hop, time)),
                Err(problem) => seen.problem = Some(problem),
            }
        };
        self.watching.lock().unwrap_or_else(PoisonError::into_inner).spawn(look);
    }

    async fn finish(&self) -> Seen {
        let mut watching = std::mem::take(&mut *self.watching.lock().unwrap_or_else(PoisonError::into_inner));
        while watching.join_next().await.is_some() {}
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What was seen.
pub struct Propagation {
    embedded: bool,
    setting: String,
    full: Report,
    half: Report,
    seen: Seen,
}

/// Measures what the services can take, and then the hops at half of that.
pub async fn measure(ground: &Ground, dossiers: usize, in_flight: usize) -> anyhow::Result<Propagation> {
    let mut now = morning(DAY);
    let site = ground.open(now).await?;
    work::quiet_for_long(&site.stage).await?;
    let sink = Sink::open(&site.stage.auditor()?).await?;
    note("hết sức / full load");
    let full = work::play(&site, &sink, 1..dossiers + 1, in_flight, &mut now).await?;
    note("một nửa / half of it");
    let observer = Observer::new(site.stage.auditor()?);
    let numbers = dossiers + 1..2 * dossiers + 1;
    let rate = full.transitions_per_s() / 2.0;
    let half = work::play_watched(&site, &sink, numbers, in_flight, &mut now, Some((rate, &observer))).await?;
    let seen = observer.finish().await;
    site.stage.stop().await.context("the services did not stop")?;
    Ok(Propagation {
        embedded: ground.is_embedded(),
        setting: ground.setting(),
        full,
        half,
        seen,
    })
}

impl Propagation {
    /// Whatever went wrong.
    pub fn problem(&self) -> Option<&String> {
        let played = self.full.problem.as_ref().or(self.half.problem.as_ref());
        self.seen.problem.as_ref().or(played)
    }

    fn p99_max_ms(&self) -> f64 {
        if self.embedded { 100.0 } else { 250.0 }
    }

    /// Of each hop: how many, p50, p99.
    fn figures(&self) -> Vec<(&'static str, usize, f64, f64)> {
        let of = |hop: Hop| {
            let mut times: Vec<Duration> = self
                .seen
                .times
                .iter()
                .filter(|(one, _)| *one == hop)
                .map(|(_, time)| *time)
                .collect();
            let (p50, p99) = (percentile_ms(&mut times, 0.5), percentile_ms(&mut times, 0.99));
            (hop.word(), times.len(), p50, p99)
        };
        Hop::ALL.map(of).to_vec()
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let hops = self.figures().into_iter().map(|(hop, count, p50, p99)| {
            json!({
                "hop": hop, "count": count, "p50_ms": rounded(p50), "p99_ms": rounded(p99),
                "met": p99 <= self.p99_max_ms(),
            })
        });
        json!({
            "setting": self.setting,
            "build": if cfg!(debug_assertions) { "dev" } else { "release" },
            "full_transitions_per_s": rounded(self.full.transitions_per_s()),
            "half_transitions_per_s": rounded(self.half.transitions_per_s()),
            "half_p99_ms": rounded(self.half.latency_ms(0.99)),
            "p99_max_ms": self.p99_max_ms(),
            "hops": hops.collect::<Vec<_>>(),
            "problem": self.problem(),
        })
    }

    /// For people.
    pub fn text(&self) -> String {
        let heading = ["Chặng / hop", "số / count", "p50 ms", "p99 ms", ""].map(str::to_owned);
        let rows = self.figures().into_iter().map(|(hop, count, p50, p99)| {
            let met = if p99 <= self.p99_max_ms() {
                "✓ đạt / met"
            } else {
                "✗ chưa đạt / missed"
            };
            let figures = [
                count.to_string(),
                format!("{p50:.1}"),
                format!("{p99:.1}"),
                met.to_owned(),
            ];
            [vec![hop.to_owned()], figures.to_vec()].concat()
        });
        let table = aligned(&std::iter::once(heading.to_vec()).chain(rows).collect::<Vec<_>>());
        let (full, half) = (self.full.transitions_per_s(), self.half.transitions_per_s());
        let mut text = format!(
            "{} · {half:.0} của / of {full:.0} bước/s / transitions/s · p99 ≤ {} ms\n{table}",
            self.setting,
            self.p99_max_ms()
        );
        if let Some(problem) = self.problem() {
            text.push_str("\n✗ ");
            text.push_str(problem);
        }
        text
    }
}
