//! What happened, in order: always as one hash, and line by line when somebody wants to read it.

use std::{
    fmt::Display,
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Virtual milliseconds since the start.
    pub at_ms: u64,
    /// What it is about: `service`, `service key`, a request id.
    pub about: String,
    /// What it was.
    pub what: String,
}

impl Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>7} ms  {}: {}", self.at_ms, self.about, self.what)
    }
}

/// A run's log. Clones are the same log.
#[derive(Clone)]
pub struct Log(Arc<Mutex<Inner>>);

struct Inner {
    since: Instant,
    hash: Sha256,
    entries: u64,
    lines: Option<Vec<Line>>,
    shows: bool,
}

impl Log {
    /// An empty log; `keeps` its lines or only their hash, and `shows` each as it is written.
    pub fn new(keeps: bool, shows: bool) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            since: Instant::now(),
            hash: Sha256::new(),
            entries: 0,
            lines: keeps.then(Vec::new),
            shows,
        })))
    }

    /// Writes a line.
    pub fn note(&self, about: impl Display, what: impl Display) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = Line {
            at_ms: inner.since.elapsed().as_millis() as u64,
            about: about.to_string(),
            what: what.to_string(),
        };
        inner.hash.update(line.at_ms.to_be_bytes());
        for part in [&line.about, &line.what] {
            inner.hash.update((part.len() as u64).to_be_bytes());
            inner.hash.update(part);
        }
        inner.entries += 1;
        if inner.shows {
            println!("{line}");
        }
        if let Some(lines) = &mut inner.lines {
            lines.push(line);
        }
    }

    /// How many lines there were, and the hash over all of them.
    pub fn digest(&self) -> (u64, String) {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (inner.entries, hex::encode(inner.hash.clone().finalize()))
    }

    /// The lines, if they were kept.
    pub fn lines(&self) -> Vec<Line> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.lines.clone().unwrap_or_default()
    }
}
