//! The run folder and its description.

use std::{
    fs,
    path::{Path, PathBuf},
};

use journal::{Location, Micros, StoreError};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Where the stores of a run are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stores {
    /// SQLite files in `data/` of the run folder.
    #[default]
    Data,
    /// SQLite files in another folder.
    Directory(PathBuf),
    /// A PostgreSQL database by its URL, a schema for each service.
    Postgres(String),
}

/// What a run was: the content of `run.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Makes the run repeatable.
    pub seed: u64,
    /// By the services' clock, microseconds.
    pub began_at: Micros,
    /// When the last fault was healed.
    pub healed_at: Micros,
    /// When the services were stopped, after they had come to rest. What was due by then must have happened.
    pub ended_at: Micros,
    /// Which faults and features were on, in the rig's words; printed, not judged.
    #[serde(default)]
    pub features: Vec<String>,
    /// Where the stores are.
    #[serde(default)]
    pub stores: Stores,
    /// By how much clocks were stepped at most, microseconds: what happened closer together than this may have happened
    /// in either order.
    #[serde(default)]
    pub clock_margin: Micros,
    /// Services whose store was put back to an older state on purpose. What clients were told by them, and consumers know
    /// of them, beyond that state is listed, not judged.
    #[serde(default)]
    pub restored: Vec<String>,
}

/// Why a folder cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// A file is missing or cannot be read.
    #[error("cannot read {0}")]
    File(PathBuf, #[source] std::io::Error),
    /// A line is not what it must be.
    #[error("{0} line {1}")]
    Line(PathBuf, usize, #[source] serde_json::Error),
    /// A log contradicts itself.
    #[error("{0}: {1}")]
    Log(PathBuf, String),
    /// A store cannot be read.
    #[error("store of {0}")]
    Store(&'static str, #[source] StoreError),
    /// A row of a store is not what it must be.
    #[error("store of {0}: {1}")]
    Row(&'static str, String),
    /// Nothing was acknowledged: there is nothing that could have been lost.
    #[error("no operation was acknowledged in this run; --allow-empty to judge it all the same")]
    Empty,
}

impl Run {
    /// Writes `run.json` into a folder.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        fs::write(folder.join("run.json"), text)
    }
}

/// The paths of a run folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder(PathBuf);

impl RunFolder {
    /// A folder by its path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The clients' log.
    pub fn clients(&self) -> PathBuf {
        self.0.join("clients.jsonl")
    }

    /// The webhook receivers' log.
    pub fn webhooks(&self) -> PathBuf {
        self.0.join("webhooks.jsonl")
    }

    /// The mail server's log.
    pub fn mail(&self) -> PathBuf {
        self.0.join("mail.jsonl")
    }

    /// The dump of the bus' streams.
    pub fn stream(&self) -> PathBuf {
        self.0.join("stream.jsonl")
    }

    /// The services' data, where they keep it in the run folder.
    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    pub(crate) fn run(&self) -> Result<Run, Unreadable> {
        let file = self.0.join("run.json");
        let text = fs::read(&file).map_err(|error| Unreadable::File(file.clone(), error))?;
        serde_json::from_slice(&text).map_err(|error| Unreadable::Line(file, error.line(), error))
    }

    pub(crate) fn location(&self, run: &Run) -> Location {
        match &run.stores {
            Stores::Data => Location::Directory(self.data()),
            Stores::Directory(path) => Location::Directory(path.clone()),
            Stores::Postgres(url) => Location::Postgres(url.clone()),
        }
    }
}

/// The lines of a log. A line that a killed process left half written is not one: it must be the last.
pub(crate) fn lines<T: DeserializeOwned>(file: &Path) -> Result<Vec<T>, Unreadable> {
    let text = fs::read_to_string(file).map_err(|error| Unreadable::File(file.to_owned(), error))?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let read =
        |(number, line)| serde_json::from_str(line).map_err(|error| Unreadable::Line(file.to_owned(), number, error));
    (1..)
        .zip(whole.lines())
        .filter(|(_, line)| !line.is_empty())
        .map(read)
        .collect()
}

/// The lines of a log that may be missing.
pub(crate) fn lines_if_any<T: DeserializeOwned>(file: &Path) -> Result<Vec<T>, Unreadable> {
    if file.exists() { lines(file) } else { Ok(Vec::new()) }
}
