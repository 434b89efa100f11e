//! A set of services that this program starts for itself: for rehearsals, the demo and the bench. In one process, or
//! a process a service; stopped hard and started again on the same data and addresses.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    process::Stdio,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use access::{Issuer, Principal, Role};
use anyhow::{Context, bail};
use host::{
    Process,
    config::{MailSettings, Settings},
    limits::Limits,
};
use machine::Timestamp;
use proto::rehearsal::v1::GetTimeRequest;
use tokio::process::{Child, Command};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::{
    assembly::{self, Fixtures},
    client::{Client, SERVICES, Servers},
};

/// The child process that runs all services.
const ALL: &str = "all";
/// How long services may take to come up.
const READY_MAX: Duration = Duration::from_mins(1);
/// A mail server of the rehearsal's own answers at once or never. Seconds.
const MAIL_ANSWER_MAX_S: u32 = 5;
/// Tokens of a rehearsal outlive any simulated span.
const TOKEN_S: i64 = 100 * 366 * 86_400;

/// How services are spread over processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// All in this process.
    OneProcess,
    /// All in one child process.
    OneChild,
    /// A child process for each.
    ProcessPerService,
}

/// What to start.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Folder of databases, keys and logs.
    pub data: PathBuf,
    /// PostgreSQL URL; without it `SQLite`.
    pub database: Option<String>,
    /// NATS URL; without it in process.
    pub nats: Option<String>,
    /// How services are spread.
    pub layout: Layout,
    /// A simulated clock that starts at these microseconds; without it the real one.
    pub clock: Option<i64>,
    /// The program that child processes run; without it this one.
    pub program: Option<PathBuf>,
}

enum Running {
    /// The services live in a runtime of their own, so that all of their tasks end with it.
    Here {
        runtime: Option<tokio::runtime::Runtime>,
        process: Option<Process>,
        fixtures: Fixtures,
    },
    Children(BTreeMap<String, Child>),
}

/// Started services.
pub struct Installation {
    settings: Settings,
    servers: Servers,
    issuer: Issuer,
    running: Running,
    ports: BTreeMap<String, SocketAddr>,
    program: PathBuf,
}

/// An address on which nobody listens, for a process that is started on it later, and again after it has died. It lies
/// below the ports that the kernel gives to outgoing connections, and is given out once: else one installation's service
/// may find another's in its place, and whoever asks for it would be answered by that one.
fn free_address() -> std::io::Result<SocketAddr> {
    const PORTS: std::ops::Range<u32> = 10_000..15_000;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    // Processes side by side begin far from one another.
    let first = std::process::id().wrapping_mul(1_237);
    let mut last = std::io::Error::from(std::io::ErrorKind::AddrInUse);
    for _ in PORTS {
        let next = first.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        let port = PORTS.start + next % (PORTS.end - PORTS.start);
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port as u16)) {
            Ok(listener) => return listener.local_addr(),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("services")
        .build()
}

impl Installation {
    /// Starts and waits until all answer.
    pub async fn start(plan: Plan) -> anyhow::Result<Self> {
        Self::start_with_mail(plan, None).await
    }

    /// Likewise, with a mail server that listens here.
    pub async fn start_with_mail(plan: Plan, mail: Option<SocketAddr>) -> anyhow::Result<Self> {
        Self::start_within(plan, mail, Limits::default()).await
    }

    /// Likewise, within these limits; child processes take theirs from their own settings.
    pub async fn start_within(plan: Plan, mail: Option<SocketAddr>, limits: Limits) -> anyhow::Result<Self> {
        let mut settings = Settings {
            data: plan.data,
            database: plan.database,
            nats: plan.nats,
            rehearsal_clock: plan.clock,
            webhook_private: true,
            mail: mail.map(|address| MailSettings {
                smtp: format!("smtp://{address}"),
                from: "vinhdanh@rehearsal.example".to_owned(),
                credentials: None,
                answer_max_s: MAIL_ANSWER_MAX_S,
                recipients: Vec::new(),
            }),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            limits,
            log: "warn".to_owned(),
            ..Settings::default()
        };
        // Several rehearsals share one server: each has streams of its own.
        if settings.nats.is_some() {
            settings.nats_prefix = prefix(&settings.data)?;
        }
        let program = match plan.program {
            Some(program) => program,
            None => std::env::current_exe().context("where this program is")?,
        };
        let issuer = assembly::issuer(&settings)?;
        let mut ports = BTreeMap::new();
        let mut servers = Servers::default();
        let running = match plan.layout {
            Layout::OneProcess => {
                let fixtures = Fixtures::new(&settings);
                Running::Here {
                    runtime: None,
                    process: None,
                    fixtures,
                }
            }
            Layout::OneChild => {
                let address = free_address()?;
                ports.insert(ALL.to_owned(), address);
                servers = Servers::one(&format!("http://{address}"));
                Running::Children(BTreeMap::new())
            }
            Layout::ProcessPerService => {
                if settings.nats.is_none() {
                    bail!("a process a service needs NATS: give --nats URL");
                }
                for service in SERVICES {
                    let address = free_address()?;
                    ports.insert(service.to_owned(), address);
                    servers.set(service, &format!("http://{address}"));
                    settings.peers.insert(service.to_owned(), format!("http://{address}"));
                }
                Running::Children(BTreeMap::new())
            }
        };
        let mut installation = Self {
            settings,
            servers,
            issuer,
            running,
            ports,
            program,
        };
        installation.launch(&installation.children()).await?;
        Ok(installation)
    }

    /// The child processes that there are to be: one a service, or one for all.
    fn children(&self) -> Vec<String> {
        self.ports.keys().cloned().collect()
    }

    /// Process ids of the services, for measuring; this process' own if they live in it.
    pub fn pids(&self) -> Vec<u32> {
        match &self.running {
            Running::Here { .. } => vec![std::process::id()],
            Running::Children(children) => children.values().filter_map(Child::id).collect(),
        }
    }

    /// Where they listen.
    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    /// A token of the local issuer, valid for the whole rehearsal.
    pub fn token(&self, who: &Principal) -> String {
        self.issuer.sign(who, self.now().0 / 1_000_000, TOKEN_S)
    }

    /// Where it began, or the clock of this process' services.
    fn now(&self) -> Timestamp {
        match (&self.running, self.settings.rehearsal_clock) {
            (Running::Here { fixtures, .. }, _) => fixtures.clock.now(),
            (Running::Children(_), Some(start)) => Timestamp(start),
            (Running::Children(_), None) => host::Clock::System.now(),
        }
    }

    async fn launch(&mut self, services: &[String]) -> anyhow::Result<()> {
        match &mut self.running {
            Running::Here {
                runtime: slot,
                process,
                fixtures,
            } => {
                let runtime = runtime()?;
                let (settings, fixtures) = (self.settings.clone(), fixtures.clone());
                let all: Vec<String> = SERVICES.map(str::to_owned).to_vec();
                let started = runtime
                    .spawn(async move { assembly::start(&settings, &all, &fixtures).await })
                    .await;
                let started = match started.context("the services panicked at start").flatten() {
                    Ok(started) => started,
                    Err(error) => {
                        runtime.shutdown_background();
                        return Err(error);
                    }
                };
                self.settings.listen = started.address();
                self.servers = Servers::one(&format!("http://{}", started.address()));
                (*slot, *process) = (Some(runtime), Some(started));
            }
            Running::Children(children) => {
                for service in services {
                    let listen = self
                        .ports
                        .get(service)
                        .with_context(|| format!("no service is called {service}"))?;
                    let child = spawn(&self.program, &self.settings, service, *listen)?;
                    children.insert(service.clone(), child);
                }
            }
        }
        self.ready(services).await
    }

    async fn ready(&mut self, services: &[String]) -> anyhow::Result<()> {
        for service in services {
            let any = if service == ALL { SERVICES[0] } else { service.as_str() };
            let url = self.servers.of(any)?.to_owned();
            let ready = async {
                loop {
                    if let Ok(channel) = tonic::transport::Endpoint::from_shared(url.clone())?.connect().await
                        && HealthClient::new(channel)
                            .check(HealthCheckRequest::default())
                            .await
                            .is_ok()
                    {
                        return Ok::<_, anyhow::Error>(());
                    }
                    if let Running::Children(children) = &mut self.running
                        && let Some(child) = children.get_mut(service)
                        && let Some(status) = child.try_wait()?
                    {
                        bail!(
                            "{service} ended at start ({status}); its log is in {}",
                            self.settings.data.display()
                        );
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::time::timeout(READY_MAX, ready)
                .await
                .with_context(|| format!("{service} does not answer"))??;
        }
        Ok(())
    }

    /// Lays a folder of rule files over those that are compiled in, from the next restart on.
    pub fn install_rules(&mut self, folder: PathBuf) {
        self.settings.rules = Some(folder);
    }

    /// Stops hard, as a crash would, and starts again on the same data and addresses. In one process all of them
    /// stop, whichever are named.
    pub async fn restart(&mut self, services: &[String]) -> anyhow::Result<()> {
        if let Running::Children(_) = self.running
            && self.settings.rehearsal_clock.is_some()
        {
            self.settings.rehearsal_clock = Some(self.simulated_now().await?);
        }
        let all = [ALL.to_owned()];
        let services = if self.ports.contains_key(ALL) { &all } else { services };
        match &mut self.running {
            Running::Here { runtime, process, .. } => {
                process.take();
                if let Some(runtime) = runtime.take() {
                    runtime.shutdown_background();
                }
            }
            Running::Children(children) => {
                for service in services {
                    let child = children
                        .get_mut(service)
                        .with_context(|| format!("no service is called {service}"))?;
                    child.kill().await?;
                }
            }
        }
        self.launch(services).await
    }

    /// The time of the rehearsal, from whichever service answers.
    async fn simulated_now(&self) -> anyhow::Result<i64> {
        let operator = Principal {
            subject: "rehearsal".to_owned(),
            role: Role::Operator,
            agency: assembly::HOUSE.to_owned(),
            person: None,
        };
        let client = Client::new(&self.servers, &self.token(&operator))?;
        for service in SERVICES {
            if let Ok(reply) = client.rehearsal(service).get_time(GetTimeRequest {}).await {
                return Ok(reply.into_inner().now);
            }
        }
        bail!("no service tells the time of the rehearsal")
    }

    /// Stops a service of a process of its own hard (SIGKILL), and leaves it down until [`Self::restart`].
    pub async fn kill(&mut self, service: &str) -> anyhow::Result<()> {
        let Running::Children(children) = &mut self.running else {
            bail!("only a child process can be killed")
        };
        children
            .get_mut(service)
            .with_context(|| format!("no service is called {service}"))?
            .kill()
            .await?;
        Ok(())
    }

    /// Ends gracefully.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        match &mut self.running {
            Running::Here { runtime, process, .. } => {
                if let (Some(runtime), Some(process)) = (runtime.take(), process.take()) {
                    let _ = runtime.spawn(process.stop()).await;
                    runtime.shutdown_background();
                }
            }
            Running::Children(children) => {
                for child in children.values_mut() {
                    child.kill().await?;
                }
            }
        }
        Ok(())
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        if let Running::Here { runtime, process, .. } = &mut self.running {
            process.take();
            if let Some(runtime) = runtime.take() {
                runtime.shutdown_background();
            }
        }
    }
}

/// One installation's data folder always gets the same prefix.
fn prefix(data: &std::path::Path) -> anyhow::Result<String> {
    use sha2::{Digest as _, Sha256};
    std::fs::create_dir_all(data)?;
    let path = data.canonicalize()?;
    Ok(format!(
        "r{}",
        &hex::encode(Sha256::digest(path.as_os_str().as_encoded_bytes()))[..12]
    ))
}

/// How many heaps the C library may keep, unless the environment says otherwise: one for every two cores. It gives threads
/// heaps of their own, up to eight a core, and each keeps what was freed there: a third of the memory, and nothing is done
/// faster for it. `deploy/systemd` says the same.
const HEAPS: &str = "MALLOC_ARENA_MAX";

fn heaps() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores / 2).max(1)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the C library of the child reads it, no setting of ours"
)]
fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some()
}

fn spawn(program: &std::path::Path, settings: &Settings, service: &str, listen: SocketAddr) -> anyhow::Result<Child> {
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(settings.data.join(format!("{service}.log")))?;
    let mut command = Command::new(program);
    if !is_set(HEAPS) {
        command.env(HEAPS, heaps().to_string());
    }
    if service == ALL {
        command.arg("serve").args(SERVICES);
    } else {
        command.arg("serve").arg(service);
    }
    command
        .arg("--listen")
        .arg(listen.to_string())
        .arg("--data")
        .arg(&settings.data);
    for (key, value) in [("--database", &settings.database), ("--nats", &settings.nats)] {
        if let Some(value) = value {
            command.arg(key).arg(value);
        }
    }
    command
        .env("VINHDANH_NATS_PREFIX", &settings.nats_prefix)
        .env("VINHDANH_LOG", &settings.log);
    command.env("VINHDANH_WEBHOOK_PRIVATE", settings.webhook_private.to_string());
    if let Some(mail) = &settings.mail {
        command
            .env("VINHDANH_MAIL__SMTP", &mail.smtp)
            .env("VINHDANH_MAIL__FROM", &mail.from)
            .env("VINHDANH_MAIL__ANSWER_MAX_S", mail.answer_max_s.to_string());
    }
    if let Some(clock) = settings.rehearsal_clock {
        command.env("VINHDANH_REHEARSAL_CLOCK", clock.to_string());
    }
    for (peer, url) in &settings.peers {
        command.env(format!("VINHDANH_PEERS__{}", peer.to_uppercase()), url);
    }
    command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .kill_on_drop(true);
    command.spawn().with_context(|| format!("cannot start {service}"))
}
