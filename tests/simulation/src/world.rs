//! One seed: an installation with all its services on one thread, its officials, and what goes wrong.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use host::{Service, clock, replica};
use journal::Migration;
use tokio::{task::JoinSet, time::Instant};

use crate::{
    Chance, Defect, Log, Weather,
    act::{Act, Case, somebody},
    bus::Hub,
    checker,
    crew::Crew,
    log::Line,
    node::{Ground, Node},
    script::{DAY, Kind, script},
    store::{Image, Vault},
};

/// Trouble lasts at most so long.
const TROUBLE_MAX: Duration = Duration::from_secs(20);
/// After it all must come to rest within this time.
const REST_MAX: Duration = Duration::from_secs(90);
/// A day passes in so long.
const DAY_PASSES: Duration = Duration::from_millis(300);
/// Every so manieth seed begins with empty stores.
const FROM_NOTHING: u64 = 25;
/// How often clocks are read by those who wait for them.
const TICK: Duration = Duration::from_millis(10);

/// How a service is made anew.
type Make = fn() -> Arc<dyn Service>;

/// All services, in the order in which they start.
pub const SERVICES: [(&str, Make); 5] = [
    ("directory", || Arc::new(directory::Directory)),
    ("intake", || {
        Arc::new(intake::Intake {
            attachment_bytes_max: 1 << 20,
        })
    }),
    ("approval", || Arc::new(approval::Approval)),
    ("council", || Arc::new(council::Council)),
    ("notification", || {
        Arc::new(notification::Notification::new(
            notification::NotificationConfig::default(),
        ))
    }),
];

/// What is asked of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How many dossiers; the seed says if it is `None`.
    pub dossiers: Option<usize>,
    /// A defect that is planted.
    pub defect: Option<Defect>,
    /// Whether nothing goes wrong.
    pub calm: bool,
    /// Whether the log's lines are kept.
    pub keep_log: bool,
    /// Whether they are printed as they are written.
    pub show_log: bool,
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// How many lines the log has.
    pub entries: u64,
    /// The hash over all of them.
    pub digest: String,
    /// What was broken, each with its invariant's number in front; empty if all is well.
    pub broken: Vec<String>,
    /// The log, if it was to be kept.
    pub lines: Vec<Line>,
    /// Acts that were acknowledged.
    pub acts: usize,
    /// Rows of history.
    pub rows: usize,
    /// Virtual milliseconds.
    pub took_ms: u64,
}

/// Runs one seed.
pub fn run(seed: u64, options: Options) -> Outcome {
    let images = IMAGES.get_or_init(|| {
        // A thread of its own: whose randomness is seeded is nobody else's.
        let made = std::thread::spawn(|| on_one_thread(0, image()));
        made.join().expect("an installation without trouble comes to rest")
    });
    // Now and then an installation begins with nothing at all, and with trouble.
    let images = Some(images).filter(|_| !seed.is_multiple_of(FROM_NOTHING));
    on_one_thread(seed, async { World::new(seed, options, images).play().await })
}

static IMAGES: OnceLock<Images> = OnceLock::new();

/// What every service's store holds when runs begin: an installation that has started once, with a directory that all
/// have heard of.
type Images = BTreeMap<&'static str, Image>;

fn on_one_thread<R>(seed: u64, future: impl Future<Output = R>) -> R {
    host::entropy::seed_thread(seed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without threads and sockets needs nothing");
    runtime.block_on(future)
}

async fn image() -> Images {
    let mut world = World::new(
        0,
        Options {
            calm: true,
            ..Options::default()
        },
        None,
    );
    world.start();
    while !world.nodes.iter().all(|node| node.up().is_some()) {
        tokio::time::sleep(TICK).await;
    }
    let rested = world.rest(Duration::from_mins(5)).await;
    assert!(rested.is_empty(), "the installation does not come to rest: {rested:?}");
    world
        .vaults
        .iter()
        .map(|vault| (vault.service, vault.image()))
        .collect()
}

/// An installation and all that happens to it.
pub struct World {
    seed: u64,
    options: Options,
    chance: Chance,
    /// Trouble.
    pub weather: Arc<Weather>,
    /// What happened.
    pub log: Log,
    /// The stores.
    pub vaults: Vec<Arc<Vault>>,
    hub: Arc<Hub>,
    time: Arc<AtomicI64>,
    /// The processes.
    pub nodes: Vec<Arc<Node>>,
    /// The officials.
    pub crew: Arc<Crew>,
    tasks: JoinSet<()>,
}

impl World {
    fn new(seed: u64, options: Options, images: Option<&Images>) -> Self {
        let dice = |name: &str| Chance::fork(seed, name);
        let weather = Arc::new(if options.calm {
            Weather::calm()
        } else {
            Weather::of(&dice("weather"))
        });
        let log = Log::new(options.keep_log, options.show_log);
        let hub = Hub::new(dice("bus"), Arc::clone(&weather), log.clone());
        let morning = clock::start_of(DAY).0 + 8 * 3_600_000_000;
        let time = Arc::new(AtomicI64::new(morning));
        let vaults: Vec<_> = SERVICES
            .iter()
            .map(|(name, make)| {
                let own = make().migrations(false);
                let migrations: Vec<Migration> = own.iter().copied().chain([replica::MIGRATION]).collect();
                let with = (dice(name), Arc::clone(&weather), log.clone());
                let image = images.and_then(|images| images.get(name));
                let vault = Vault::new(name, &migrations, image, with, options.defect);
                Arc::new(vault.expect("SQLite in memory opens"))
            })
            .collect();
        let mut nodes = Vec::new();
        for replica in 1..=weather.replicas {
            for ((name, make), vault) in SERVICES.iter().zip(&vaults) {
                let ground = Ground {
                    service: *make,
                    name,
                    vault: Arc::clone(vault),
                    vaults: vaults.clone(),
                    hub: Arc::clone(&hub),
                    time: Arc::clone(&time),
                    chance: dice(&format!("{name}/{replica}")),
                    weather: Arc::clone(&weather),
                    log: log.clone(),
                };
                nodes.push(Node::new(ground, replica));
            }
        }
        let crew = Crew::new(&nodes, dice("crew"), Arc::clone(&weather), log.clone());
        Self {
            seed,
            options,
            chance: dice("nemesis"),
            weather,
            log,
            vaults,
            hub,
            time,
            nodes,
            crew,
            tasks: JoinSet::new(),
        }
    }

    /// Starts all processes, the clocks and the trouble.
    fn start(&mut self) {
        for node in &self.nodes {
            self.tasks.spawn(Arc::clone(node).live());
        }
        let (time, nodes) = (Arc::clone(&self.time), self.nodes.clone());
        self.tasks.spawn(async move {
            loop {
                tokio::time::sleep(TICK).await;
                time.fetch_add(TICK.as_micros() as i64, Ordering::Relaxed);
                for node in &nodes {
                    node.tick();
                }
            }
        });
        self.crashes();
        self.disasters();
    }

    /// Days pass as long as anybody works.
    fn days(&mut self) -> tokio::task::AbortHandle {
        let time = Arc::clone(&self.time);
        self.tasks.spawn(async move {
            loop {
                tokio::time::sleep(DAY_PASSES).await;
                time.fetch_add(86_400_000_000, Ordering::Relaxed);
            }
        })
    }

    fn crashes(&mut self) {
        let (chance, weather, nodes) = (self.chance.clone(), Arc::clone(&self.weather), self.nodes.clone());
        if weather.crash_every_ms == 0 {
            return;
        }
        self.tasks.spawn(async move {
            while !weather.is_healed() {
                let pause = chance.below(2 * weather.crash_every_ms);
                tokio::time::sleep(Duration::from_millis(pause)).await;
                if weather.is_healed() {
                    return;
                }
                if let Some(node) = chance.pick(&nodes) {
                    let (calls, gently) = (chance.below(60), chance.permille(200));
                    node.strike(calls, gently);
                }
            }
        });
    }

    fn disasters(&mut self) {
        let (chance, weather, hub) = (self.chance.clone(), Arc::clone(&self.weather), Arc::clone(&self.hub));
        if weather.bus_disaster_every_ms == 0 {
            return;
        }
        self.tasks.spawn(async move {
            while !weather.is_healed() {
                let pause = chance.below(2 * weather.bus_disaster_every_ms);
                tokio::time::sleep(Duration::from_millis(pause)).await;
                if weather.is_healed() {
                    return;
                }
                let Some((producer, _)) = chance.pick(&SERVICES) else {
                    return;
                };
                match chance.below(3) {
                    0 => hub.lose(producer),
                    1 => hub.roll_back(producer),
                    _ => hub.reset(producer),
                }
            }
        });
    }

    /// The whole run.
    async fn play(mut self) -> Outcome {
        let begun = Instant::now();
        self.start();
        let days = self.days();
        let mut broken = self.work().await;
        days.abort();
        self.weather.heal();
        broken.extend(self.rest(REST_MAX).await);
        match tokio::time::timeout(REST_MAX, checker::check(&self)).await {
            Ok(found) => broken.extend(found),
            Err(_) => broken.push("LIVENESS the stores cannot be read to their end".to_owned()),
        }
        let (entries, digest) = self.log.digest();
        let asked = self.crew.asked();
        let outcome = Outcome {
            seed: self.seed,
            entries,
            digest,
            lines: self.log.lines(),
            acts: asked
                .values()
                .filter(|asked| checker::acknowledged(asked).is_some())
                .count(),
            rows: self.vaults.iter().map(|vault| vault.rows().history.rows().len()).sum(),
            took_ms: begun.elapsed().as_millis() as u64,
            broken,
        };
        self.vaults.iter().for_each(|vault| vault.close());
        outcome
    }

    /// The officials do all that they have to; what they did not get done.
    async fn work(&mut self) -> Vec<String> {
        let mut playing = JoinSet::new();
        // Small worlds find most, and many of them more: every eighth has a dossier with all levels and councils.
        let small = (1 + self.chance.below(3) as usize, self.chance.permille(125));
        let (dossiers, with_hero) = self.options.dossiers.map_or(small, |dossiers| (dossiers, true));
        for number in 1..=dossiers {
            let kind = if with_hero && number % 4 == 1 {
                Kind::Hero
            } else {
                Kind::Certificate
            };
            let (crew, wait) = (Arc::clone(&self.crew), self.chance.below(1_500));
            playing.spawn(async move {
                tokio::time::sleep(Duration::from_millis(wait)).await;
                crew.play(script(kind, number)).await
            });
        }
        let crew = Arc::clone(&self.crew);
        playing.spawn(async move {
            let operator = somebody("operator", access::Role::Operator, "vinhdanh");
            let agency = "phuong-mo-phong".to_owned();
            crew.ask(&operator, &Act::Register { agency }, &Case::default()).await?;
            Ok(Case::default())
        });
        let (begun, mut broken) = (Instant::now(), Vec::new());
        loop {
            tokio::select! {
                biased;
                played = playing.join_next() => match played {
                    Some(Ok(Ok(_))) => {}
                    Some(Ok(Err(undone))) => broken.push(format!("LIVENESS {undone}")),
                    Some(Err(panic)) => broken.push(format!("PANIC {panic}")),
                    None => return broken,
                },
                () = tokio::time::sleep(TROUBLE_MAX.saturating_sub(begun.elapsed())), if !self.weather.is_healed() => {
                    self.weather.heal();
                    let crew = Arc::clone(&self.crew);
                    self.tasks.spawn(async move {
                        tokio::time::sleep(REST_MAX).await;
                        crew.go_home();
                    });
                }
            }
        }
    }

    /// Waits until all consumers have applied all, and no timer is due; what is still behind by then.
    async fn rest(&self, patience: Duration) -> Vec<String> {
        let begun = Instant::now();
        loop {
            let behind = checker::behind(self);
            if behind.is_empty() || begun.elapsed() > patience {
                return behind;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// True time.
    pub fn now(&self) -> i64 {
        self.time.load(Ordering::Relaxed)
    }
}
