//! The services under test: armed processes that are killed, halted, told to die at a point, and started again on the
//! same data and address.

use std::{collections::BTreeMap, fs::OpenOptions, net::SocketAddr, path::PathBuf, process::Stdio, time::Duration};

use anyhow::{Context, bail};
use mishap::Point;
use tokio::{
    process::{Child, Command},
    time::Instant,
};
use tonic::transport::Endpoint;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use vinhdanh::client::SERVICES;

use crate::clock::Clock;

/// How long a process may take to answer after its start.
const READY_MAX: Duration = Duration::from_mins(1);
/// How long a graceful end may take.
const STOP_MAX: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);

/// What all of them are started with.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The program that they run, if it is not this one: an ordinary one, which no mishap can be asked of.
    pub program: Option<PathBuf>,
    /// Folder of databases, keys and logs.
    pub data: PathBuf,
    /// PostgreSQL, through its line; none: SQLite.
    pub database: Option<String>,
    /// NATS, through its line; none: in process.
    pub nats: Option<String>,
    /// The mail server.
    pub mail: Option<SocketAddr>,
    /// Where each service is reached by the others.
    pub peers: BTreeMap<&'static str, SocketAddr>,
    /// Words of [`mishap::VARIABLE`] that hold for every start.
    pub mishaps: Vec<String>,
    /// Further variables, e.g. of a layer under the disk.
    pub env: Vec<(&'static str, PathBuf)>,
    /// Where deaths at a point are noted.
    pub hits: PathBuf,
}

/// One process.
struct Member {
    services: Vec<&'static str>,
    address: SocketAddr,
    child: Option<Child>,
}

/// All of them.
pub struct Fleet {
    settings: Settings,
    clock: Clock,
    members: BTreeMap<String, Member>,
}

impl Fleet {
    /// None runs yet: one for everything, or so many of each service.
    pub fn new(clock: Clock, replicas: Option<u32>) -> Self {
        let mut members = BTreeMap::new();
        let mut add = |name: String, services: Vec<&'static str>| {
            let address = SocketAddr::from(([127, 0, 0, 1], testkit::free_port()));
            let member = Member {
                services,
                address,
                child: None,
            };
            members.insert(name, member);
        };
        match replicas {
            None => add("all".to_owned(), SERVICES.to_vec()),
            Some(replicas) => {
                for service in SERVICES {
                    for number in 1..=replicas {
                        add(format!("{service}.{number}"), vec![service]);
                    }
                }
            }
        }
        Self {
            settings: Settings::default(),
            clock,
            members,
        }
    }

    /// What they are started with from now on.
    pub fn furnish(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// All names.
    pub fn names(&self) -> Vec<String> {
        self.members.keys().cloned().collect()
    }

    /// The names of those that run a service.
    pub fn of(&self, service: &str) -> Vec<String> {
        let runs = |member: &Member| member.services.contains(&service);
        let found = self.members.iter().filter(|(_, member)| runs(member));
        found.map(|(name, _)| name.clone()).collect()
    }

    /// Where a process listens.
    pub fn address(&self, name: &str) -> anyhow::Result<SocketAddr> {
        let member = self
            .members
            .get(name)
            .with_context(|| format!("no process is {name}"))?;
        Ok(member.address)
    }

    /// Starts one, perhaps told to die at a point; does not wait for it.
    pub fn launch(&mut self, name: &str, dies: Option<(Point, u64)>) -> anyhow::Result<()> {
        let (settings, now) = (&self.settings, self.clock.now());
        let member = self
            .members
            .get_mut(name)
            .with_context(|| format!("no process is {name}"))?;
        std::fs::create_dir_all(&settings.data)?;
        let log = settings.data.with_file_name(format!("{name}.log"));
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let program = match &settings.program {
            Some(program) => program.clone(),
            None => std::env::current_exe().context("where this program is")?,
        };
        let mut command = Command::new(program);
        command.arg("serve").args(&member.services);
        command.arg("--listen").arg(member.address.to_string());
        command.arg("--data").arg(&settings.data);
        for (key, value) in [("--database", &settings.database), ("--nats", &settings.nats)] {
            command.args(value.iter().flat_map(|value| [key, value.as_str()]));
        }
        if settings.program.is_none() {
            let mut mishaps = settings.mishaps.clone();
            mishaps.extend(dies.map(|(point, passing)| format!("crash={point:?}:{passing}")));
            mishaps.push(format!("hits={}", settings.hits.display()));
            command.env(mishap::VARIABLE, mishaps.join(";"));
        }
        command
            .env("VINHDANH_LOG", "warn")
            .env("VINHDANH_WEBHOOK_PRIVATE", "true")
            .env("VINHDANH_REHEARSAL_CLOCK", now.to_string())
            .envs(settings.env.iter().cloned());
        if let Some(mail) = settings.mail {
            command
                .env("VINHDANH_MAIL__SMTP", format!("smtp://{mail}"))
                .env("VINHDANH_MAIL__FROM", "vinhdanh@faults.example")
                .env("VINHDANH_MAIL__ANSWER_MAX_S", "5");
        }
        for (service, address) in &settings.peers {
            let key = format!("VINHDANH_PEERS__{}", service.to_uppercase());
            command.env(key, format!("http://{address}"));
        }
        command
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        member.child = Some(child);
        Ok(())
    }

    /// Waits until one answers.
    pub async fn ready(&mut self, name: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        let url = format!("http://{}", self.address(name)?);
        loop {
            if let Ok(channel) = Endpoint::from_shared(url.clone())?.connect().await
                && HealthClient::new(channel)
                    .check(HealthCheckRequest::default())
                    .await
                    .is_ok()
            {
                return Ok(());
            }
            if !self.runs(name) {
                bail!("{name} ended at start; its log lies beside its data");
            }
            if began.elapsed() > READY_MAX {
                bail!("{name} does not answer within {} s", READY_MAX.as_secs());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Whether it runs at this moment.
    pub fn runs(&mut self, name: &str) -> bool {
        let child = self.members.get_mut(name).and_then(|member| member.child.as_mut());
        child.is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Sends a signal by name, if it runs.
    pub fn signal(&mut self, name: &str, signal: &str) {
        if !self.runs(name) {
            return;
        }
        let child = self.members.get(name).and_then(|member| member.child.as_ref());
        if let Some(id) = child.and_then(Child::id) {
            // Through the shell: the standard library knows SIGKILL only.
            let _ = std::process::Command::new("sh")
                .args(["-c", r#"kill -"$1" "$2""#, "sh", signal, &id.to_string()])
                .stderr(Stdio::null())
                .status();
        }
    }

    /// Ends one at once.
    pub async fn kill(&mut self, name: &str) {
        if let Some(mut child) = self.members.get_mut(name).and_then(|member| member.child.take()) {
            // It may be gone already.
            let _ = child.kill().await;
        }
    }

    /// Ends one in order; at once if that takes too long, which is `false`.
    pub async fn terminate(&mut self, name: &str) -> bool {
        self.signal(name, "CONT");
        self.signal(name, "TERM");
        let ended = self.gone(name, STOP_MAX).await;
        self.kill(name).await;
        ended
    }

    /// Waits until one has ended by itself; `false` if it has not.
    pub async fn gone(&mut self, name: &str, within: Duration) -> bool {
        let began = Instant::now();
        while self.runs(name) {
            if began.elapsed() > within {
                return false;
            }
            tokio::time::sleep(PAUSE).await;
        }
        true
    }
}
