//! `--session`: one council session on very many dossiers, from its call to its minutes.

use std::{sync::Mutex, time::Duration};

use access::Role;
use anyhow::{Context as _, bail};
use futures::{StreamExt as _, TryStreamExt as _};
use host::entropy::fresh_id;
use proto::council::v1::{
    CastBallotRequest, Choice, CloseSessionRequest, ConveneSessionRequest, ExportMinutesRequest, GetSessionRequest,
    ListReviewsRequest, MinuteSessionRequest, RecordAttendanceRequest, Session as Shown,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    crew::{Crew, percentile_ms},
    dossier::{self, DAY, Script},
    ground::{Ground, Site, morning},
    report::rounded,
    work,
};
use crate::{
    client::{Client, Failure},
    drive::{Act, Case, member, members},
    output::aligned,
    rehearse::scenario::Actor,
};

/// Members who vote, each on every dossier.
const MEMBERS: u32 = 15;
/// Dossiers whose stage is done in one commit.
const PAGE: usize = 50;
const P99_MAX_MS: f64 = 200.0;
/// How long the pages of one stage may take in all.
const STAGE_MAX: Duration = Duration::from_mins(10);
const PAUSE: Duration = Duration::from_millis(5);

/// How long everything took.
#[derive(Default)]
pub struct Sitting {
    items: usize,
    setting: String,
    in_flight: usize,
    /// Each call, by its kind.
    calls: Mutex<Vec<(&'static str, Duration)>>,
    /// From the call that begins a stage until all of its pages are done.
    stages: Vec<(&'static str, Duration)>,
}

/// Brings so many dossiers before the council of a ward, and holds the session.
pub async fn measure(ground: &Ground, items: usize, in_flight: usize) -> anyhow::Result<Sitting> {
    let site = ground.open(morning(DAY)).await?;
    work::quiet_for_long(&site.stage).await?;
    let mut sitting = Sitting {
        items,
        in_flight,
        setting: ground.setting(),
        ..Sitting::default()
    };
    let held = sitting.hold(&site).await;
    site.stage.stop().await.context("the services did not stop")?;
    held.map(|()| sitting)
}

impl Sitting {
    async fn hold(&mut self, site: &Site) -> anyhow::Result<()> {
        let (items, in_flight) = (self.items, self.in_flight);
        let route = dossier::route()?;
        let station = route.stations.first().context("the way has a first station")?;
        let council = station
            .council
            .as_ref()
            .context("the ward has a council")?
            .agency
            .clone();
        let scripts: Vec<Script> = (1..=items)
            .map(|number| Script::of(number, &route).until_convened())
            .collect();
        let crew = Crew::hire(&site.stage, &scripts, in_flight)?;
        let parts: Vec<_> = scripts
            .iter()
            .map(|script| (script.before.as_slice(), Case::default()))
            .collect();
        let calls: usize = scripts.iter().map(Script::len).sum();
        let progress = || {
            format!(
                "{}/{calls} bước trước phiên họp / before the session",
                crew.acknowledged()
            )
        };
        let cases = work::telling(progress, crew.play(parts)).await?;
        work::quiet_for_long(&site.stage).await?;

        let officer = site.stage.acting(&Actor::of(Role::Officer, &station.appraiser))?;
        let secretary = site.stage.acting(&Actor::of(Role::Secretary, &council))?;
        let all = members(&council, MEMBERS);
        let dossiers: Vec<String> = cases.into_iter().map(|case| case.dossier).collect();
        let request = ConveneSessionRequest {
            request_id: fresh_id(),
            council: council.clone(),
            members: all.clone(),
            agenda: dossiers.clone(),
            kind: String::new(),
        };
        let session = self
            .timed("convene", officer.council().convene_session(request))
            .await?
            .session;
        let request = RecordAttendanceRequest {
            request_id: fresh_id(),
            session: session.clone(),
            present: all,
            writing: Vec::new(),
            etag: String::new(),
        };
        let began = Instant::now();
        self.timed("attend", secretary.council().record_attendance(request))
            .await?;
        work::quiet_for_long(&site.stage).await?;
        self.stages.push(("attend", began.elapsed()));

        self.vote(site, &council, &session, &dossiers).await?;

        let request = CloseSessionRequest {
            request_id: fresh_id(),
            session: session.clone(),
            etag: String::new(),
        };
        let began = Instant::now();
        self.timed("close", secretary.council().close_session(request)).await?;
        self.until(&secretary, &session, "closed").await?;
        self.stages.push(("close", began.elapsed()));
        let request = MinuteSessionRequest {
            request_id: fresh_id(),
            session: session.clone(),
            etag: String::new(),
        };
        let began = Instant::now();
        self.timed("minute", secretary.council().minute_session(request))
            .await?;
        let shown = self.until(&secretary, &session, "minuted").await?;
        self.stages.push(("minute", began.elapsed()));
        if shown.items as usize != items {
            bail!("the minutes have {} dossiers, not {items}", shown.items);
        }
        self.read(&secretary, &session).await
    }

    async fn vote(&self, site: &Site, council: &str, session: &str, dossiers: &[String]) -> anyhow::Result<()> {
        let voters = (1..=MEMBERS).map(|number| site.stage.acting(&member(council, number)));
        let voters: Vec<Client> = voters.collect::<anyhow::Result<_>>()?;
        let ballots = dossiers
            .iter()
            .flat_map(|dossier| voters.iter().map(move |voter| (voter, dossier)));
        let all = dossiers.len() * MEMBERS as usize;
        let progress = || format!("{}/{all} phiếu / ballots", self.count("ballot"));
        let voting = futures::stream::iter(ballots)
            .map(|(voter, dossier)| async move {
                let request = CastBallotRequest {
                    request_id: fresh_id(),
                    session: session.to_owned(),
                    dossier: dossier.clone(),
                    choice: Choice::Yes.into(),
                    slip: String::new(),
                };
                self.timed("ballot", voter.council().cast_ballot(request))
                    .await
                    .map(|_| ())
            })
            // Nobody casts two at once.
            .buffer_unordered(self.in_flight.min(MEMBERS as usize))
            .try_collect();
        work::telling(progress, voting).await
    }

    /// The agenda page by page, and the minutes as a document.
    async fn read(&self, client: &Client, session: &str) -> anyhow::Result<()> {
        let (mut page_token, mut seen) = (String::new(), 0);
        loop {
            let request = ListReviewsRequest {
                page_size: PAGE as i32,
                page_token,
                session: session.to_owned(),
                ..ListReviewsRequest::default()
            };
            let page = self
                .timed("list reviews", client.council().list_reviews(request))
                .await?;
            seen += page.reviews.iter().filter(|review| review.status == "passed").count();
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        if seen != self.items {
            bail!("{seen} of {} dossiers passed", self.items);
        }
        let began = Instant::now();
        let request = ExportMinutesRequest {
            session: session.to_owned(),
        };
        let parts = client.council().export_minutes(request).await.map_err(Failure::from)?;
        let parts: Vec<_> = parts.into_inner().try_collect().await.map_err(Failure::from)?;
        if parts.iter().all(|part| part.part.is_empty()) {
            bail!("the minutes are an empty document");
        }
        self.note("export minutes", began.elapsed());
        Ok(())
    }

    async fn until(&self, client: &Client, session: &str, status: &str) -> anyhow::Result<Shown> {
        let wait = async {
            loop {
                let request = GetSessionRequest {
                    session: session.to_owned(),
                };
                let shown = self.timed("get session", client.council().get_session(request)).await?;
                if shown.status == status {
                    return anyhow::Ok(shown);
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        let progress = || format!("chờ / waiting: {status}");
        tokio::time::timeout(STAGE_MAX, work::telling(progress, wait))
            .await
            .with_context(|| format!("the session is still not {status}"))?
    }

    async fn timed<T>(
        &self,
        kind: &'static str,
        call: impl Future<Output = Result<tonic::Response<T>, tonic::Status>>,
    ) -> anyhow::Result<T> {
        let began = Instant::now();
        let answer = call.await.map_err(Failure::from).context(kind)?;
        self.note(kind, began.elapsed());
        Ok(answer.into_inner())
    }

    fn note(&self, kind: &'static str, time: Duration) {
        let mut calls = self.calls.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        calls.push((kind, time));
    }

    fn count(&self, kind: &str) -> usize {
        let calls = self.calls.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        calls.iter().filter(|(one, _)| *one == kind).count()
    }

    /// Of each kind of call: how many, p50, p99, slowest.
    fn figures(&self) -> Vec<(&'static str, usize, [f64; 3])> {
        let calls = self.calls.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut kinds: Vec<&'static str> = calls.iter().map(|(kind, _)| *kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let of = |kind| {
            let mut times: Vec<Duration> = calls
                .iter()
                .filter(|(one, _)| *one == kind)
                .map(|(_, time)| *time)
                .collect();
            let figures = [0.5, 0.99, 1.0].map(|share| percentile_ms(&mut times, share));
            (kind, times.len(), figures)
        };
        kinds.into_iter().map(of).collect()
    }

    fn p99_ms(&self) -> f64 {
        let calls = self.calls.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        percentile_ms(&mut calls.iter().map(|(_, time)| *time).collect::<Vec<_>>(), 0.99)
    }

    fn pages(&self) -> usize {
        self.items.div_ceil(PAGE).max(1)
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let calls = self.figures().into_iter().map(|(kind, count, [p50, p99, most])| {
            json!({"call": kind, "count": count, "p50_ms": rounded(p50), "p99_ms": rounded(p99), "slowest_ms": rounded(most)})
        });
        let stages = self.stages.iter().map(|(stage, took)| {
            let page = took.as_secs_f64() * 1_000.0 / self.pages() as f64;
            json!({"stage": stage, "seconds": rounded(took.as_secs_f64()), "page_ms": rounded(page)})
        });
        json!({
            "items": self.items,
            "members": MEMBERS,
            "in_flight": self.in_flight,
            "setting": self.setting,
            "build": if cfg!(debug_assertions) { "dev" } else { "release" },
            "p99_ms": rounded(self.p99_ms()),
            "p99_max_ms": P99_MAX_MS,
            "met": self.p99_ms() <= P99_MAX_MS,
            "calls": calls.collect::<Vec<_>>(),
            "stages": stages.collect::<Vec<_>>(),
        })
    }

    /// For people.
    pub fn text(&self) -> String {
        let heading = [
            "Lời gọi / call",
            "số / count",
            "p50 ms",
            "p99 ms",
            "chậm nhất / slowest ms",
        ]
        .map(str::to_owned);
        let calls = self.figures().into_iter().map(|(kind, count, figures)| {
            let figures = figures.map(|figure| format!("{figure:.1}"));
            [vec![kind.to_owned(), count.to_string()], figures.to_vec()].concat()
        });
        let calls = aligned(&std::iter::once(heading.to_vec()).chain(calls).collect::<Vec<_>>());
        let stages = self.stages.iter().map(|(stage, took)| {
            let page = took.as_secs_f64() * 1_000.0 / self.pages() as f64;
            let what = format!("{stage}: đến hết mọi trang / until every page is done");
            vec![
                what,
                format!("{:.2} s ({page:.1} ms × {})", took.as_secs_f64(), self.pages()),
            ]
        });
        let stages = aligned(&stages.collect::<Vec<_>>());
        let (p99, setting, items) = (self.p99_ms(), &self.setting, self.items);
        let met = if p99 <= P99_MAX_MS {
            "✓ đạt / met"
        } else {
            "✗ chưa đạt / missed"
        };
        format!(
            "{setting} · {items} hồ sơ / dossiers · {MEMBERS} thành viên / members\n{calls}\n\n{stages}\n\n\
             p99 {p99:.1} ms ≤ {P99_MAX_MS} ms  {met}"
        )
    }
}

impl Script {
    /// What comes before the first session.
    fn until_convened(mut self) -> Self {
        let convened = self
            .before
            .iter()
            .position(|line| matches!(line.act, Act::Convene { .. }));
        self.before.truncate(convened.unwrap_or_default());
        self.after.clear();
        self
    }
}
