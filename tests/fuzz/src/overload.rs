//! Five times what the services can do, by clients that come again at once, while dossiers are decided beside it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use access::Role;
use proto::approval::v1::{ListTasksRequest, approval_service_client::ApprovalServiceClient};
use tokio::{task::JoinSet, time::Instant};
use tonic::{
    Code, Request, Status,
    transport::{Channel, Endpoint},
};
use tonic_types::StatusExt as _;

use crate::house::{House, WARD};

/// Connections, of the load and of whoever measures.
const SCREENS: usize = 8;
/// Calls under way when the capacity is measured.
const AT_CAPACITY: usize = 16;
/// So many times the capacity.
const TIMES: f64 = 5.0;
/// Calls that the load's own clients hold open at most: people at screens do not multiply.
const CALLERS: usize = 1_500;
/// How often a naive client comes again, at once.
const NAIVE_ATTEMPTS: u32 = 3;
/// A list that takes longer is no use to who asked.
const PATIENCE: Duration = Duration::from_secs(2);
/// Dossiers that are decided beside the load, at once.
const DECIDERS: usize = 4;
/// A leader reads before signing the next one.
const READS: Duration = Duration::from_secs(1);
/// After the load all must be as before within this time.
const RECOVERS_WITHIN: Duration = Duration::from_secs(10);

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Lists a second that the services can do, and how long one took then.
    pub capacity_per_s: f64,
    /// Median of a list before the load.
    pub calm: Duration,
    /// Lists asked for a second under load, repetitions included.
    pub asked_per_s: f64,
    /// Of these, how many were given.
    pub given_per_s: f64,
    /// How many were refused with a pause.
    pub refused: u64,
    /// Anything else than an answer, a refusal with a pause, or the deadline passed.
    pub odd: Vec<String>,
    /// Steps of dossiers that were tried and done under load.
    pub decisive_tried: u64,
    /// Done.
    pub decisive_done: u64,
    /// The slowest of those that were done.
    pub decisive_slowest: Duration,
    /// Deadlines that were due under load, and how long it took until none was.
    pub timers: Option<Duration>,
    /// How long after the load until a list took its usual time.
    pub recovered: Option<Duration>,
}

impl Outcome {
    /// What is not as it must be; nothing if all is well.
    pub fn wrong(&self) -> Vec<String> {
        let (asked, had) = (self.asked_per_s, self.capacity_per_s);
        let (tried, done) = (self.decisive_tried, self.decisive_done);
        let (odd, some) = (self.odd.len(), self.odd.iter().take(5).collect::<Vec<_>>());
        let musts = [
            (
                asked > 2.0 * had,
                format!("it was no overload: {asked:.0} a second asked for, {had:.0} can be had"),
            ),
            (self.refused > 0, "nobody was told to come again".to_owned()),
            (odd == 0, format!("{odd} answers say nothing, e.g. {some:?}")),
            (
                tried > 20 && done * 100 >= tried * 99,
                format!("{done} of {tried} steps of dossiers were done"),
            ),
            (self.timers.is_some(), "deadlines were not acted on".to_owned()),
            (
                self.recovered.is_some(),
                format!("no recovery within {RECOVERS_WITHIN:?}"),
            ),
        ];
        musts
            .into_iter()
            .filter(|(holds, _)| !holds)
            .map(|(_, wrong)| wrong)
            .collect()
    }
}

#[derive(Default)]
struct Counts {
    asked: AtomicU64,
    given: AtomicU64,
    refused: AtomicU64,
    tried: AtomicU64,
    done: AtomicU64,
    slowest_us: AtomicU64,
}

#[derive(Clone)]
struct Screen {
    client: ApprovalServiceClient<Channel>,
    token: tonic::metadata::AsciiMetadataValue,
}

/// Where somebody sits down to a screen.
struct Seat {
    url: String,
    token: String,
}

impl Seat {
    fn of(house: &House, n: usize) -> Self {
        let role = [Role::Officer, Role::Leader, Role::Secretary, Role::Auditor][n % 4];
        Self {
            url: house.url(),
            token: house.token(role, WARD),
        }
    }

    async fn screen(self) -> Screen {
        let endpoint = Endpoint::from_shared(self.url).expect("an address");
        let channel = endpoint.tcp_nodelay(true).connect().await.expect("the services answer");
        Screen {
            client: ApprovalServiceClient::new(channel),
            token: self.token.parse().expect("plain text"),
        }
    }
}

impl Screen {
    async fn list(&self) -> Result<(), Status> {
        let mut request = Request::new(ListTasksRequest {
            page_size: 500,
            waiting_on: format!("officer@{WARD}"),
            ..ListTasksRequest::default()
        });
        request.metadata_mut().insert("authorization", self.token.clone());
        request.set_timeout(PATIENCE);
        self.client.clone().list_tasks(request).await.map(|_| ())
    }
}

/// Fills a worklist, measures, overloads for `load`, and watches the services recover.
pub async fn run(house: &House, load: Duration) -> Outcome {
    let mut outcome = Outcome::default();
    let mut screens = Vec::new();
    for n in 0..SCREENS {
        screens.push(Seat::of(house, n).screen().await);
    }
    for _ in 0..40 {
        house.dossier(true).await;
    }
    let drafts: usize = DECIDERS * (2 + load.as_secs() as usize);
    let mut ready = Vec::new();
    for _ in 0..drafts {
        ready.push(house.dossier(true).await);
    }
    house.is_quiet().await;
    outcome.calm = median(&screens[0], 30).await;
    outcome.capacity_per_s = capacity(&screens).await;

    let (counts, stop) = (Arc::new(Counts::default()), Arc::new(AtomicBool::new(false)));
    let (odd, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let every = Duration::from_secs_f64(1.0 / (outcome.capacity_per_s * TIMES));
    let seats: Vec<_> = (0..SCREENS).map(|n| Seat::of(house, n)).collect();
    let (counted, stopped) = (Arc::clone(&counts), Arc::clone(&stop));
    // A runtime of its own: on that of the services its tasks would stand in line with theirs.
    let crowd = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime
            .expect("a runtime")
            .block_on(crowd(seats, every, counted, stopped, odd));
    });
    let begun = Instant::now();
    let timers = async {
        tokio::time::sleep(load / 4).await;
        house.time_passes().await
    };
    let (timers, ()) = tokio::join!(timers, decide(house, ready, begun + load, &counts));
    outcome.timers = timers;
    tokio::time::sleep_until(begun + load).await;
    stop.store(true, Ordering::Relaxed);
    let seconds = begun.elapsed().as_secs_f64();
    let ended = Instant::now();
    crowd.await.expect("the crowd goes home");
    outcome.recovered = recovered(&screens[0], outcome.calm, ended).await;

    let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
    outcome.asked_per_s = read(&counts.asked) as f64 / seconds;
    outcome.given_per_s = read(&counts.given) as f64 / seconds;
    outcome.refused = read(&counts.refused);
    outcome.decisive_tried = read(&counts.tried);
    outcome.decisive_done = read(&counts.done);
    outcome.decisive_slowest = Duration::from_micros(read(&counts.slowest_us));
    while let Ok(status) = heard.try_recv() {
        outcome.odd.push(status);
    }
    outcome
}

async fn median(screen: &Screen, times: usize) -> Duration {
    let mut took = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        if screen.list().await.is_err() {
            return Duration::MAX;
        }
        took.push(begun.elapsed());
    }
    took.sort();
    took[times / 2]
}

/// Lists a second, as many as there are to be had.
async fn capacity(screens: &[Screen]) -> f64 {
    const SPAN: Duration = Duration::from_secs(2);
    let given = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let mut callers = JoinSet::new();
    for n in 0..AT_CAPACITY {
        let (screen, given) = (screens[n % screens.len()].clone(), Arc::clone(&given));
        callers.spawn(async move {
            while begun.elapsed() < SPAN {
                if screen.list().await.is_ok() {
                    given.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    while callers.join_next().await.is_some() {}
    given.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

/// New callers at a steady rate, whatever becomes of those before them.
async fn crowd(
    seats: Vec<Seat>,
    every: Duration,
    counts: Arc<Counts>,
    stop: Arc<AtomicBool>,
    odd: tokio::sync::mpsc::UnboundedSender<String>,
) {
    let screens = futures::future::join_all(seats.into_iter().map(Seat::screen)).await;
    let (begun, mut come) = (Instant::now(), 0u32);
    let mut callers = JoinSet::new();
    while !stop.load(Ordering::Relaxed) {
        while every * come <= begun.elapsed() {
            come += 1;
            if callers.len() >= CALLERS {
                continue;
            }
            let (screen, counts, odd) = (
                screens[come as usize % screens.len()].clone(),
                Arc::clone(&counts),
                odd.clone(),
            );
            callers.spawn(async move {
                for _ in 0..NAIVE_ATTEMPTS {
                    counts.asked.fetch_add(1, Ordering::Relaxed);
                    match screen.list().await {
                        Ok(()) => {
                            counts.given.fetch_add(1, Ordering::Relaxed);
                            return;
                        }
                        Err(status) if is_refusal(&status) => {
                            counts.refused.fetch_add(1, Ordering::Relaxed);
                        }
                        // The caller's own patience ended.
                        Err(status) if matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled) => {}
                        Err(status) => {
                            let _ = odd.send(format!("{:?}: {}", status.code(), status.message()));
                        }
                    }
                }
            });
        }
        while callers.try_join_next().is_some() {}
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    while callers.join_next().await.is_some() {}
}

fn is_refusal(status: &Status) -> bool {
    let pause = status.get_details_retry_info().and_then(|info| info.retry_delay);
    matches!(status.code(), Code::ResourceExhausted | Code::Unavailable) && pause.is_some()
}

/// Dossiers are received, appraised and decided until the time is up.
async fn decide(house: &House, mut dossiers: Vec<String>, until: Instant, counts: &Counts) {
    let share = dossiers.len() / DECIDERS;
    let deciders = (0..DECIDERS).map(|n| {
        let mine = dossiers.split_off(dossiers.len() - share);
        async move {
            for (k, dossier) in mine.iter().enumerate() {
                let next = Instant::now() + READS;
                if Instant::now() >= until {
                    return;
                }
                counted(counts, house.receive(dossier)).await;
                counted(counts, house.appraise(dossier)).await;
                counted(
                    counts,
                    house.decide(dossier, &format!("{}/QĐ-UBND", 2_000 + n * 1_000 + k)),
                )
                .await;
                tokio::time::sleep_until(next).await;
            }
        }
    });
    let deciders: Vec<_> = deciders.collect();
    futures::future::join_all(deciders).await;
}

async fn counted(counts: &Counts, step: impl Future<Output = Result<(), Status>>) {
    /// What a leader waits for.
    const PATIENCE: Duration = Duration::from_secs(10);
    counts.tried.fetch_add(1, Ordering::Relaxed);
    let begun = Instant::now();
    match tokio::time::timeout(PATIENCE, step).await {
        Ok(Ok(())) => {
            counts.done.fetch_add(1, Ordering::Relaxed);
            counts
                .slowest_us
                .fetch_max(begun.elapsed().as_micros() as u64, Ordering::Relaxed);
        }
        Ok(Err(status)) => eprintln!("a step was refused: {:?} {}", status.code(), status.message()),
        Err(_) => eprintln!("a step took longer than {PATIENCE:?}"),
    }
}

/// How long until lists take their usual time again, on a machine that does other things too.
async fn recovered(screen: &Screen, calm: Duration, ended: Instant) -> Option<Duration> {
    let usual = calm * 3 + Duration::from_millis(20);
    while ended.elapsed() < RECOVERS_WITHIN {
        if median(screen, 9).await <= usual {
            return Some(ended.elapsed());
        }
    }
    None
}
