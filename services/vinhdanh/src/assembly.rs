//! From settings to a running process: the one place where services, store, bus, clock and keys come together.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use access::{Issuer, Principal, PublicKey, Role, Verifier};
use anyhow::{Context, bail};
use bus::{
    Bus,
    local::{LocalBus, LocalConfig},
    nats::{NatsBus, NatsConfig},
};
use host::{Clock, Process, ProcessConfig, Service, config::Settings, entropy};
use journal::Location;
use law::{Law, Severity};
use machine::Timestamp;

use crate::client::SERVICES;

/// The agency of those who run the system itself.
pub const HOUSE: &str = "vinhdanh";
/// How long a process' own token lives, in seconds; it signs a new one for every pull.
const OWN_TOKEN_S: i64 = 300;

/// The file of the local issuer's key.
pub fn key_file(data: &Path) -> PathBuf {
    data.join("issuer.pem")
}

/// The local issuer: its key is made at the first start.
pub fn issuer(settings: &Settings) -> anyhow::Result<Issuer> {
    let file = key_file(&settings.data);
    fs::create_dir_all(&settings.data).with_context(|| format!("cannot make {}", settings.data.display()))?;
    if !file.is_file() {
        let made = Issuer::generate(&settings.issuer, &settings.audience, entropy::random());
        // Written aside and linked into place: of several processes that start at once, one key wins.
        let aside = settings.data.join(format!("issuer.{}.tmp", entropy::fresh_id()));
        let mut out = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&aside)?;
        out.write_all(made.to_pem().as_bytes())?;
        out.sync_all()?;
        match fs::hard_link(&aside, &file) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("cannot write {}", file.display())),
        }
        fs::remove_file(&aside)?;
    }
    let pem = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Issuer::from_pem(&settings.issuer, &settings.audience, &pem)
        .with_context(|| format!("{} is not an Ed25519 key", file.display()))
}

fn verifier(settings: &Settings, issuer: &Issuer) -> anyhow::Result<Verifier> {
    let mut keys = vec![issuer.public_key()];
    for file in &settings.issuer_keys {
        let pem = fs::read_to_string(file).with_context(|| format!("issuer_keys: cannot read {}", file.display()))?;
        keys.push(PublicKey::from_pem(&pem).with_context(|| format!("issuer_keys: {}", file.display()))?);
    }
    Ok(Verifier::new(&settings.issuer, &settings.audience, keys)?)
}

/// Services that a restart leaves as they were: the clock, and the in-process bus.
#[derive(Clone)]
pub struct Fixtures {
    /// The clock.
    pub clock: Clock,
    /// The in-process bus.
    pub bus: LocalBus,
}

impl Fixtures {
    /// Fresh ones.
    pub fn new(settings: &Settings) -> Self {
        let clock = settings
            .rehearsal_clock
            .map_or(Clock::System, |start| Clock::simulated(Timestamp(start)));
        let bus = LocalBus::with(LocalConfig {
            boot: "embedded".to_owned(),
            ..LocalConfig::default()
        });
        Self { clock, bus }
    }
}

/// The service of this name.
pub fn service(name: &str, settings: &Settings) -> anyhow::Result<Arc<dyn Service>> {
    Ok(match name {
        "directory" => Arc::new(directory::Directory),
        "intake" => Arc::new(intake::Intake {
            attachment_bytes_max: settings.attachment_bytes_max,
        }),
        "approval" => Arc::new(approval::Approval),
        "council" => Arc::new(council::Council),
        "notification" => {
            let config = notification::NotificationConfig {
                webhook_private: settings.webhook_private,
                mail: mail(settings)?,
            };
            Arc::new(notification::Notification::new(config))
        }
        other => bail!("no service is called {other}; there are {}", SERVICES.join(", ")),
    })
}

/// The mail server, with the credentials that lie in a file of their own.
fn mail(settings: &Settings) -> anyhow::Result<Option<notification::MailConfig>> {
    let Some(mail) = &settings.mail else { return Ok(None) };
    let credentials = mail
        .credentials
        .as_ref()
        .map(|file| std::fs::read_to_string(file).with_context(|| format!("mail.credentials: {}", file.display())))
        .transpose()?;
    notification::MailConfig::try_new(&mail.smtp, &mail.from, credentials.as_deref(), mail.answer_max_s)
        .map(|config| Some(config.only_to(&mail.recipients)))
        .map_err(anyhow::Error::msg)
}

/// The law of this installation. Rules that do not hold together are not installed.
fn law(settings: &Settings) -> anyhow::Result<&'static Law> {
    let Some(dir) = &settings.rules else {
        return Ok(Law::embedded());
    };
    let law = Law::load(dir).with_context(|| format!("rules: {}", dir.display()))?;
    let errors = law
        .lint()
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error);
    let errors: Vec<String> = errors.map(|error| format!("\n  {error}")).collect();
    if !errors.is_empty() {
        bail!(
            "rules: {} does not hold together; see `vinhdanh law lint {0}`{}",
            dir.display(),
            errors.concat()
        );
    }
    Ok(Box::leak(Box::new(law)))
}

/// Starts the named services behind one port.
pub async fn start(settings: &Settings, names: &[String], fixtures: &Fixtures) -> anyhow::Result<Process> {
    let issuer = issuer(settings)?;
    let verifier = verifier(settings, &issuer)?;
    let location = match &settings.database {
        Some(url) => Location::Postgres(url.clone()),
        None => Location::Directory(settings.data.clone()),
    };
    let (bus, local_bus): (Arc<dyn Bus>, _) = match &settings.nats {
        Some(url) => (Arc::new(connect(url, &settings.nats_prefix).await?), None),
        None if names.len() < SERVICES.len() => {
            bail!("nats is not set: services in processes of their own need a NATS server (--nats URL)")
        }
        None => (Arc::new(fixtures.bus.clone()), Some(fixtures.bus.clone())),
    };
    let services = names
        .iter()
        .map(|name| service(name, settings))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let own = Principal {
        subject: format!("service:{}", names.join("+")),
        role: Role::Service,
        agency: HOUSE.to_owned(),
        person: None,
    };
    let clock = fixtures.clock.clone();
    let (signer, now) = (Arc::new(issuer), clock.clone());
    Process::start(
        ProcessConfig {
            listen: settings.listen,
            location,
            bus,
            local_bus,
            clock,
            law: law(settings)?,
            verifier,
            token: Arc::new(move || signer.sign(&own, now.now().0 / 1_000_000, OWN_TOKEN_S)),
            peers: settings.peers.clone(),
            limits: settings.limits.clone(),
        },
        services,
    )
    .await
}

/// The first connection is tried for a while: servers that start together come up in any order.
async fn connect(url: &str, prefix: &str) -> anyhow::Result<NatsBus> {
    let config = || NatsConfig {
        prefix: prefix.to_owned(),
        ..NatsConfig::new(url)
    };
    let mut wait = std::time::Duration::from_millis(100);
    for _ in 0..8 {
        match NatsBus::connect(config()).await {
            Ok(bus) => return Ok(bus),
            Err(bus::BusError::Unavailable(why)) => {
                tracing::info!(why, "waiting for NATS");
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            Err(unfit) => return Err(unfit.into()),
        }
    }
    bail!("NATS at the configured address does not answer; start it, or leave --nats out for the in-process bus")
}
