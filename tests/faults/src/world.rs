//! One run's world: services, stores, bus, lines between them, clock and subscribers, all of its own.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use access::Role;
use anyhow::{Context, bail};
use checker::{RunFolder, Stores};
use mishap::Point;
use proto::notification::v1::Channel;
use tokio::{task::JoinSet, time::Instant};
use vinhdanh::{
    client::{Client, SERVICES, Servers},
    what_is_behind,
};

use crate::{
    acts::{Act, Official},
    bus,
    clock::Clock,
    dice::Dice,
    fleet::{Fleet, Settings},
    link::{Link, Weather},
    office::{Load, Office},
    receivers::Receivers,
    watches::Watches,
};

/// A process that is to die at a point is given so long between two days.
const DAY_LASTS: Duration = Duration::from_millis(700);
const PAUSE: Duration = Duration::from_millis(50);

/// Where a run takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// All services in one process on SQLite.
    Embedded,
    /// So many processes of each service on PostgreSQL and NATS.
    Spread(u32),
}

/// A line that can be disturbed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// To a service, for officials and for other services.
    To(&'static str),
    /// To PostgreSQL.
    Postgres,
    /// To NATS.
    Nats,
}

/// PostgreSQL with this run's database, and the line to it.
struct Database {
    server: &'static testkit::Postgres,
    url: String,
    line: Link,
}

/// NATS and the line to it.
struct Bus {
    server: testkit::Nats,
    line: Link,
}

/// All of it.
pub struct World {
    folder: RunFolder,
    clock: Clock,
    fleet: Fleet,
    watches: Watches,
    doors: BTreeMap<&'static str, Link>,
    database: Option<Database>,
    bus: Option<Bus>,
    receivers: Receivers,
    /// What the services' disk is like, where that can be had: embedded.
    disk: Option<disk::rig::Rig>,
    tasks: JoinSet<()>,
}

/// What a run is to be.
pub struct Terms {
    /// Where.
    pub place: Place,
    /// Makes it repeatable.
    pub seed: u64,
    /// The program that the services run, if it is not this one.
    pub program: Option<PathBuf>,
    /// Words of [`mishap::VARIABLE`] for every process.
    pub mishaps: Vec<String>,
    /// There is a layer under the disk, which can make it bad; embedded only.
    pub watched_disk: bool,
    /// A process that dies between two migrations of its first start.
    pub dies_migrating: Option<u64>,
    /// Everything on the bus is said again.
    pub said_again: bool,
    /// What officials do.
    pub load: Load,
}

impl World {
    /// Opens everything; returns when the services answer and the subscribers have subscribed.
    pub async fn open(folder: &Path, terms: &Terms) -> anyhow::Result<(Self, Arc<Office>)> {
        std::fs::create_dir_all(folder)?;
        let folder = RunFolder::new(folder);
        let clock = Clock::default();
        let dice = Dice::new(terms.seed, "receivers");
        let receivers = Receivers::open(&folder.webhooks(), &folder.mail(), &clock, dice).await?;
        let (replicas, database, bus) = match terms.place {
            Place::Embedded => (None, None, None),
            Place::Spread(replicas) => (Some(replicas), Some(Database::open().await?), Some(Bus::open().await?)),
        };
        let fleet = Fleet::new(clock.clone(), replicas);
        let mut doors = BTreeMap::new();
        for service in SERVICES {
            let behind = fleet.of(service);
            let behind = behind.iter().map(|name| fleet.address(name));
            doors.insert(service, Link::open(behind.collect::<anyhow::Result<_>>()?).await?);
        }
        let mut world = Self {
            folder,
            watches: Watches::new(clock.clone()),
            clock,
            fleet,
            doors,
            database,
            bus,
            receivers,
            disk: None,
            tasks: JoinSet::new(),
        };
        if terms.watched_disk {
            let data = world.folder.data();
            std::fs::create_dir_all(&data)?;
            world.disk = Some(disk::rig::Rig::new(&world.folder.path().join("disk"), &data, None)?);
        }
        world.fleet.furnish(world.settings(terms));
        if let Some(passing) = terms.dies_migrating {
            let first = world.fleet.names().first().cloned().context("no process")?;
            world.fleet.launch(&first, Some((Point::C12, passing)))?;
            world.fleet.gone(&first, Duration::from_secs(20)).await;
            world.fleet.kill(&first).await;
        }
        for name in world.fleet.names() {
            world.fleet.launch(&name, None)?;
        }
        for name in world.fleet.names() {
            world.fleet.ready(&name).await?;
        }
        let (data, log) = (world.folder.data(), world.folder.clients());
        let office = Office::open(&world.servers(), &data, &log, &world.clock, terms.seed, terms.load)?;
        let office = Arc::new(office);
        world.wind_up(&office)?;
        let subscriptions = vec![
            Act::Subscribe(Channel::Webhook, format!("http://{}/", world.receivers.web)),
            Act::Subscribe(Channel::Email, "subscriber@faults.example".to_owned()),
        ];
        office.subscribe(subscriptions).await?;
        if let (true, Some(bus)) = (terms.said_again, &world.bus) {
            let (url, seed) = (bus.server.url(), terms.seed);
            world.tasks.spawn(async move {
                for life in 0_u64.. {
                    _ = bus::say_again(url.clone(), Dice::new(seed, &format!("again {life}"))).await;
                    tokio::time::sleep(PAUSE).await;
                }
            });
        }
        Ok((world, office))
    }

    fn settings(&self, terms: &Terms) -> Settings {
        let embedded = terms.place == Place::Embedded;
        let peers = self.doors.iter().map(|(service, door)| (*service, door.address()));
        Settings {
            program: terms.program.clone(),
            data: self.folder.data(),
            database: self.database.as_ref().map(Database::through_line),
            nats: self.bus.as_ref().map(|bus| format!("nats://{}", bus.line.address())),
            mail: Some(self.receivers.mail),
            peers: if embedded { BTreeMap::new() } else { peers.collect() },
            mishaps: terms.mishaps.clone(),
            env: self.disk.iter().flat_map(disk::rig::Rig::environment).collect(),
            hits: self.hits_file(),
        }
    }

    fn hits_file(&self) -> PathBuf {
        self.folder.path().join("hits")
    }

    /// At which points processes died, each time.
    pub fn hits(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.hits_file()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn servers(&self) -> Servers {
        let mut servers = Servers::default();
        for (service, door) in &self.doors {
            servers.set(service, &format!("http://{}", door.address()));
        }
        servers
    }

    /// Where the stores are, past all lines.
    pub fn stores(&self) -> Stores {
        match &self.database {
            Some(database) => Stores::Postgres(database.url.clone()),
            None => Stores::Data,
        }
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// All processes.
    pub fn names(&self) -> Vec<String> {
        self.fleet.names()
    }

    /// The processes of a service.
    pub fn of(&self, service: &str) -> Vec<String> {
        self.fleet.of(service)
    }

    /// Lets the clock run.
    fn wind_up(&mut self, office: &Arc<Office>) -> anyhow::Result<()> {
        let operator = office.token(&Official::of(Role::Operator, "bo-noi-vu"));
        for name in self.fleet.names() {
            let servers = Servers::one(&format!("http://{}", self.fleet.address(&name)?));
            self.watches.add(&name, Client::new(&servers, &operator)?);
        }
        self.tasks.spawn(self.watches.clone().run());
        Ok(())
    }

    /// Days pass, one after the other.
    pub async fn pass(&self, days: u32) {
        self.watches.pass(days).await;
    }

    /// A process' clock is so many microseconds behind for a while.
    pub async fn set_back(&self, name: &str, by: i64, span: Duration) {
        self.watches.set_back(name, by).await;
        tokio::time::sleep(span).await;
        self.watches.set_right().await;
    }

    /// Kills one, starts it so that it dies at a point, and then as it should be; whether it died there.
    pub async fn die(&mut self, name: &str, point: Point, passing: u64, within: Duration) -> anyhow::Result<bool> {
        self.fleet.kill(name).await;
        self.fleet.launch(name, Some((point, passing)))?;
        let began = Instant::now();
        let mut died = self.fleet.gone(name, DAY_LASTS).await;
        while !died && began.elapsed() < within {
            if point == Point::C13 {
                // Something has to be due.
                self.pass(1).await;
            }
            died = self.fleet.gone(name, DAY_LASTS).await;
        }
        self.start_again(name).await?;
        Ok(died)
    }

    /// Ends one at once and starts it again.
    pub async fn start_again(&mut self, name: &str) -> anyhow::Result<()> {
        self.fleet.kill(name).await;
        self.fleet.launch(name, None)
    }

    /// Ends one in order and starts it again.
    pub async fn end_and_start_again(&mut self, name: &str) -> anyhow::Result<()> {
        if !self.fleet.terminate(name).await {
            bail!("{name} does not end when it is told to");
        }
        self.fleet.launch(name, None)
    }

    /// Halts one for a while.
    pub async fn halt(&mut self, name: &str, span: Duration) {
        self.fleet.signal(name, "STOP");
        tokio::time::sleep(span).await;
        self.fleet.signal(name, "CONT");
    }

    /// The NATS server.
    fn nats(&self) -> anyhow::Result<&testkit::Nats> {
        Ok(&self.bus.as_ref().context("there is no NATS here")?.server)
    }

    /// Something is done to NATS that takes a moment.
    pub async fn to_nats(&self, what: impl FnOnce(&testkit::Nats)) -> anyhow::Result<()> {
        let nats = self.nats()?;
        tokio::task::block_in_place(|| what(nats));
        Ok(())
    }

    /// Where NATS is, past all lines.
    pub fn nats_url(&self) -> anyhow::Result<String> {
        Ok(self.nats()?.url())
    }

    /// PostgreSQL dies and comes back.
    pub async fn kill_postgres(&self, down: Duration) -> anyhow::Result<()> {
        let server = self.database.as_ref().context("there is no PostgreSQL here")?.server;
        tokio::task::block_in_place(|| server.kill());
        tokio::time::sleep(down).await;
        tokio::task::block_in_place(|| server.restart());
        Ok(())
    }

    /// The disk under the services.
    pub fn disk(&self) -> anyhow::Result<&disk::rig::Rig> {
        self.disk.as_ref().context("this disk cannot be made bad")
    }

    /// A line.
    pub fn line(&self, line: &Line) -> anyhow::Result<&Link> {
        let found = match line {
            Line::To(service) => self.doors.get(service),
            Line::Postgres => self.database.as_ref().map(|database| &database.line),
            Line::Nats => self.bus.as_ref().map(|bus| &bus.line),
        };
        found.with_context(|| format!("there is no line {line:?} here"))
    }

    /// Undoes whatever was done: all run, all lines are fair, all receivers behave.
    pub async fn heal(&mut self) -> anyhow::Result<()> {
        let lines = self
            .doors
            .values()
            .chain(self.database.iter().map(|database| &database.line));
        for line in lines.chain(self.bus.iter().map(|bus| &bus.line)) {
            line.set(Weather::Fair);
        }
        self.receivers.behave();
        if let Some(disk) = &self.disk {
            disk.heal()?;
        }
        if let Some(bus) = &self.bus {
            bus.server.resume();
        }
        for name in self.fleet.names() {
            self.fleet.signal(&name, "CONT");
            if !self.fleet.runs(&name) {
                self.fleet.launch(&name, None)?;
            }
        }
        for name in self.fleet.names() {
            self.fleet.ready(&name).await?;
        }
        Ok(())
    }

    /// Stops the clock and waits until nothing is under way any more; else what still is.
    pub async fn come_to_rest(&mut self, within: Duration) -> Result<(), String> {
        self.tasks.shutdown().await;
        let (began, mut before) = (Instant::now(), None);
        loop {
            // One that was away hears it now.
            self.watches.tell().await;
            let behind = match self.watches.progress().await {
                Ok(now) => {
                    let behind = what_is_behind(&now);
                    if behind.is_empty() && before.as_ref() == Some(&now) {
                        return Ok(());
                    }
                    before = Some(now);
                    behind
                }
                Err(error) => vec![format!("{error:#}")],
            };
            if began.elapsed() > within {
                return Err(behind.join("; "));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Ends all services in order; who did not end by itself.
    pub async fn close(&mut self) -> Vec<String> {
        let mut stubborn = Vec::new();
        for name in self.fleet.names() {
            if !self.fleet.terminate(&name).await {
                stubborn.push(name);
            }
        }
        stubborn
    }
}

impl Database {
    async fn open() -> anyhow::Result<Self> {
        let server = tokio::task::block_in_place(testkit::Postgres::shared);
        let url = tokio::task::block_in_place(|| server.fresh_database());
        let line = Link::open(vec![SocketAddr::from(([127, 0, 0, 1], server.port()))]).await?;
        Ok(Self { server, url, line })
    }

    fn through_line(&self) -> String {
        let direct = format!("127.0.0.1:{}", self.server.port());
        self.url.replace(&direct, &self.line.address().to_string())
    }
}

impl Bus {
    async fn open() -> anyhow::Result<Self> {
        let server = tokio::task::block_in_place(testkit::Nats::start);
        let line = Link::open(vec![SocketAddr::from(([127, 0, 0, 1], server.port()))]).await?;
        Ok(Self { server, line })
    }
}
