//! How much a process takes on at once. What lies beyond is refused early, with a word on when to come again.

use serde::{Deserialize, Serialize};

/// All limits of a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Open connections; the next ones are closed at once. Stay below what the process may open as files.
    pub connections: usize,
    /// Of these, from one address (an IPv6 network of 64 bits counts as one). A proxy is one address.
    pub connections_per_address: usize,
    /// A connection that has not said HTTP/2 by then is closed. Seconds.
    pub greeting_s: u64,
    /// A connection that is as old is asked to end, and closed a minute later; clients open another. Seconds.
    pub connection_age_s: u64,
    /// Calls under way on one connection.
    pub streams_per_connection: u32,
    /// Bytes of a call's headers.
    pub header_bytes: u32,
    /// A request that has not arrived whole by then is refused. Seconds.
    pub request_s: u64,
    /// Every call is answered by then, whatever deadline it brought; streams are begun by then. Seconds.
    pub call_s: u64,
    /// Calls of one person that are under way, their unread answers included.
    pub calls_per_person: usize,
    /// What moves dossiers: submissions, votes, decisions.
    pub decisive: Limit,
    /// What people wait for at a screen: lists, searches, checks, previews.
    pub interactive: Limit,
    /// Drafts and notifications.
    pub background: Limit,
    /// Exports, uploads, replays.
    pub bulk: Limit,
    /// Streams that stay open: watchers, subscribers.
    pub streams: Limit,
}

/// A limit of one class of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How many at once.
    pub at_once: usize,
    /// How many more may wait for their turn.
    pub waiting: usize,
    /// For how long, in milliseconds.
    pub wait_ms: u64,
}

const fn limit(at_once: usize, waiting: usize, wait_ms: u64) -> Limit {
    Limit {
        at_once,
        waiting,
        wait_ms,
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Processes may often open 1,024 files, and databases and buses need some.
            connections: 768,
            connections_per_address: 512,
            greeting_s: 10,
            connection_age_s: 3_600,
            streams_per_connection: 256,
            header_bytes: 16 << 10,
            request_s: 15,
            call_s: 60,
            calls_per_person: 512,
            // Commits that arrive together share a transaction: many at once are cheaper, not dearer.
            decisive: limit(256, 1_024, 5_000),
            // A few at once keep the store busy; more would only slow each other, and the decisions, down.
            interactive: limit(16, 128, 1_000),
            background: limit(64, 256, 2_000),
            bulk: limit(4, 16, 5_000),
            streams: limit(512, 0, 0),
        }
    }
}
