//! An installation on a watched disk: embedded, or on a PostgreSQL whose disk is watched.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tests::MONDAY;
use vinhdanh::installation::{Installation, Layout, Plan};

use crate::{
    model::Disk,
    rig::Rig,
    server::{self, Server},
};

/// Where history is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Store {
    /// In the services' own files.
    Sqlite,
    /// In a server, on one machine with the services.
    Postgres,
}

/// The machine comes up: what is on its disk then, and how far the log reached.
#[derive(Clone, Debug)]
pub struct Boot {
    /// Where in the log.
    pub position: u64,
    /// All of it is sure.
    pub disk: Disk,
}

/// Services under way.
pub struct World {
    /// The watched folder's layer.
    pub rig: Rig,
    /// The services.
    pub installation: Installation,
    /// The server, if there is one.
    pub server: Option<Server>,
    /// Each time that the machine came up; the first is before the first change.
    pub boots: Vec<Boot>,
}

impl World {
    /// Starts services on what lies in `folder`/disk, or on nothing, with the layer under whoever writes.
    pub async fn start(store: Store, folder: &Path) -> anyhow::Result<Self> {
        let disk = folder.join("disk");
        if store == Store::Postgres && !disk.join("PG_VERSION").is_file() {
            server::initialize(&disk)?;
        }
        std::fs::create_dir_all(&disk)?;
        let owner = (store == Store::Postgres).then(server::owner).flatten();
        let rig = Rig::new(&folder.join("rig"), &disk, owner)?;
        let boots = vec![Boot {
            position: 0,
            disk: Disk::of(&disk)?,
        }];
        let (server, data, program) = match store {
            Store::Sqlite => (None, disk, rig.wrapped(&program()?)?),
            Store::Postgres => {
                let server = Server::start(&disk, Some(&rig), &[])?;
                (Some(server), folder.join("services"), program()?)
            }
        };
        let installation = Installation::start(Plan {
            data,
            database: server.as_ref().map(Server::url),
            nats: None,
            layout: Layout::OneChild,
            clock: Some(MONDAY),
            program: Some(program),
        })
        .await?;
        Ok(Self {
            rig,
            installation,
            server,
            boots,
        })
    }

    /// Ends everything at once.
    pub async fn end(self) -> anyhow::Result<(Rig, Vec<Boot>)> {
        self.installation.stop().await?;
        drop(self.server);
        Ok((self.rig, self.boots))
    }
}

/// Services in this process, on a disk that is not watched, e.g. on what a power cut left.
pub async fn plain(store: Store, folder: &Path) -> anyhow::Result<(Installation, Option<Server>)> {
    let disk = folder.join("disk");
    let (server, data) = match store {
        Store::Sqlite => (None, disk),
        // Whatever an operator had set.
        Store::Postgres => {
            let safe = ["fsync=on", "synchronous_commit=on"];
            (Some(Server::start(&disk, None, &safe)?), folder.join("services"))
        }
    };
    let installation = here(data, server.as_ref().map(Server::url)).await?;
    Ok((installation, server))
}

/// Services in this process.
pub async fn here(data: PathBuf, database: Option<String>) -> anyhow::Result<Installation> {
    let starting = Installation::start(Plan {
        data,
        database,
        nats: None,
        layout: Layout::OneProcess,
        clock: Some(MONDAY),
        program: None,
    });
    tokio::time::timeout(Duration::from_mins(1), starting).await?
}

/// The binary beside this program, or beside the folder of this test.
fn program() -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe()?;
    let found = this.ancestors().skip(1).take(2).map(|folder| folder.join("vinhdanh"));
    found
        .into_iter()
        .find(|program| program.is_file())
        .ok_or_else(|| anyhow::anyhow!("vinhdanh is not built: run `cargo xtask test`, or `cargo build` first"))
}
