//! What receivers got, and what lay on the bus.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    sync::{Mutex, PoisonError},
};

use journal::Micros;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A file of JSON lines that grows. Lines are written whole, and are with the operating system when a write returns: they
/// outlive this process.
#[derive(Debug)]
pub(crate) struct Lines(Mutex<File>);

impl Lines {
    pub(crate) fn append(file: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(file)?;
        Ok(Self(Mutex::new(file)))
    }

    pub(crate) fn write(&self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&text)
    }
}

/// SHA-256 in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// One webhook call or one mail, as its receiver saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notified {
    /// When it came.
    pub at: Micros,
    /// Which receiver: the subscription's id, if it is known.
    #[serde(default)]
    pub subscription: String,
    /// `webhook-id`, or what stands for it in a mail: the delivery's id.
    pub id: String,
    /// What it tells, e.g. `dossier.awarded`.
    #[serde(default)]
    pub fact: String,
    /// Of which dossier.
    #[serde(default)]
    pub dossier: String,
    /// SHA-256 of the body, hex.
    pub body: String,
    /// What was answered (HTTP's or SMTP's number); 0: nothing, the line was cut.
    pub answered: u16,
}

impl Notified {
    /// A call with this body.
    pub fn new(at: Micros, id: &str, body: &[u8], answered: u16) -> Self {
        Self {
            at,
            subscription: String::new(),
            id: id.to_owned(),
            fact: String::new(),
            dossier: String::new(),
            body: sha256(body),
            answered,
        }
    }
}

/// Writes `webhooks.jsonl` or `mail.jsonl`.
#[derive(Debug)]
pub struct ReceiverLog(Lines);

impl ReceiverLog {
    /// Appends to a file, which is made if it is missing.
    pub fn append(file: &Path) -> io::Result<Self> {
        Lines::append(file).map(Self)
    }

    /// Notes a call: before it is answered with success.
    pub fn note(&self, notified: &Notified) -> io::Result<()> {
        self.0.write(notified)
    }
}

/// One message of a bus stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Streamed {
    /// The producing service.
    pub producer: String,
    /// The event's id.
    pub event_id: String,
    /// `kind/id`.
    pub aggregate: String,
    /// The event's place among its aggregate's.
    pub seq: u64,
    /// Its position at the producer.
    pub position: i64,
    /// SHA-256 of the body, hex.
    pub body: String,
}

impl Streamed {
    /// A message with this body.
    pub fn new(producer: &str, event_id: &str, aggregate: &str, seq: u64, position: i64, body: &[u8]) -> Self {
        Self {
            producer: producer.to_owned(),
            event_id: event_id.to_owned(),
            aggregate: aggregate.to_owned(),
            seq,
            position,
            body: sha256(body),
        }
    }
}

/// Writes `stream.jsonl`.
#[derive(Debug)]
pub struct StreamDump(Lines);

impl StreamDump {
    /// Appends to a file, which is made if it is missing.
    pub fn append(file: &Path) -> io::Result<Self> {
        Lines::append(file).map(Self)
    }

    /// Notes a message.
    pub fn note(&self, message: &Streamed) -> io::Result<()> {
        self.0.write(message)
    }
}
