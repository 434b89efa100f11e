//! Where a bench runs: a folder or a database that is empty at first, and services started on it as often as needed.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, bail};
use journal::{Location, Store};
use time::{Date, OffsetDateTime, macros::time};

use super::usage;
use crate::{
    client::SERVICES,
    installation::{Installation, Layout, Plan},
    rehearse::{
        span::{VIET_NAM, micros},
        stage::Stage,
    },
};

/// Where the services keep their data, and how they are spread over processes.
#[derive(Clone, Debug, clap::Args)]
pub struct GroundArgs {
    /// Thư mục dữ liệu, còn trống; nếu bỏ qua thì dùng thư mục tạm. Folder of databases, empty; a temporary one if left
    /// out.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// PostgreSQL thay cho SQLite; cơ sở dữ liệu trống. PostgreSQL in place of SQLite: an empty database.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// NATS thay cho bus trong tiến trình. NATS in place of the in-process bus.
    #[arg(long, value_name = "URL")]
    pub nats: Option<String>,
    /// Mỗi dịch vụ một tiến trình, thay vì tất cả trong một. A process for each service, in place of one for all.
    #[arg(long, requires = "nats")]
    pub process_per_service: bool,
}

/// The same, made ready. Its temporary folder lives as long as it does.
pub struct Ground {
    /// Folder of databases, keys and logs.
    pub data: PathBuf,
    args: GroundArgs,
    _temporary: Option<tempfile::TempDir>,
}

/// Running services.
pub struct Site {
    /// Where acts are played.
    pub stage: Stage,
    /// The processes of the services.
    pub pids: Vec<u32>,
}

impl Ground {
    /// Makes the folder; refuses one that holds something.
    pub fn prepare(args: &GroundArgs) -> anyhow::Result<Self> {
        let (data, temporary) = if let Some(data) = &args.data {
            if data.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
                bail!("{} is not empty: old dossiers would be measured too", data.display());
            }
            (data.clone(), None)
        } else {
            let made = tempfile::Builder::new().prefix("vinhdanh-bench-").tempdir();
            let made = made.context("no temporary folder")?;
            (made.path().to_owned(), Some(made))
        };
        std::fs::create_dir_all(&data).with_context(|| format!("cannot make {}", data.display()))?;
        Ok(Self {
            data,
            args: args.clone(),
            _temporary: temporary,
        })
    }

    /// Whether all is in one process, without any server.
    pub fn is_embedded(&self) -> bool {
        self.args.database.is_none() && self.args.nats.is_none()
    }

    /// Whether the stores are in PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.args.database.is_some()
    }

    /// How it runs, e.g. `SQLite, bus in process, all services in one process`.
    pub fn setting(&self) -> String {
        let store = if self.is_postgres() { "PostgreSQL" } else { "SQLite" };
        let bus = if self.args.nats.is_some() {
            "NATS"
        } else {
            "bus in process"
        };
        let layout = if self.args.process_per_service {
            "a process a service"
        } else {
            "all services in one process"
        };
        format!("{store}, {bus}, {layout}")
    }

    /// Starts the services at a simulated instant.
    pub async fn open(&self, now: OffsetDateTime) -> anyhow::Result<Site> {
        let layout = if self.args.process_per_service {
            Layout::ProcessPerService
        } else {
            Layout::OneChild
        };
        let plan = Plan {
            data: self.data.clone(),
            database: self.args.database.clone(),
            nats: self.args.nats.clone(),
            layout,
            clock: Some(micros(now)),
            program: None,
        };
        let installation = Installation::start(plan).await.context("the services did not start")?;
        let pids = installation.pids();
        let stage = Stage::own(installation)?;
        Ok(Site { stage, pids })
    }

    /// The store of a service, beside the services or without them.
    pub async fn store(&self, service: &str) -> anyhow::Result<Arc<dyn Store>> {
        journal::open(&self.location(), service, &[])
            .await
            .with_context(|| format!("the store of {service}"))
    }

    /// Where the stores are.
    pub fn location(&self) -> Location {
        match &self.args.database {
            Some(url) => Location::Postgres(url.clone()),
            None => Location::Directory(self.data.clone()),
        }
    }

    /// Bytes that the stores take once their logs are folded in; the services must be down.
    pub async fn disk_bytes(&self) -> anyhow::Result<u64> {
        if self.is_postgres() {
            // What was rewritten and not yet reused is no need of the data.
            vacuum(self.store(SERVICES[0]).await?.as_ref()).await?;
            return self.database_bytes().await;
        }
        for service in SERVICES {
            // The last connection that closes folds the write-ahead log into the file.
            self.store(service).await?.close().await;
        }
        usage::database_bytes(&self.data)
    }

    /// What PostgreSQL says that its database takes.
    pub async fn database_bytes(&self) -> anyhow::Result<u64> {
        let store = self.store(SERVICES[0]).await?;
        let rows = store.query("SELECT pg_database_size(current_database())", &[]).await?;
        store.close().await;
        match rows.first().and_then(|row| row.first()) {
            Some(journal::Value::Int(bytes)) => Ok(*bytes as u64),
            _ => bail!("PostgreSQL does not tell the size of its database"),
        }
    }
}

/// Frees what PostgreSQL holds back of rewritten rows.
async fn vacuum(store: &dyn Store) -> anyhow::Result<()> {
    store.query("VACUUM (ANALYZE)", &[]).await.context("vacuum")?;
    store.close().await;
    Ok(())
}

/// Eight in the morning of a day in Viet Nam.
pub fn morning(day: Date) -> OffsetDateTime {
    day.with_time(time!(08:00)).assume_offset(VIET_NAM)
}
