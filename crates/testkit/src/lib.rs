//! Throw-away servers for tests: a real PostgreSQL and a real NATS, each in a folder of its own.
//!
//! ```no_run
//! let database = testkit::Postgres::shared().fresh_database(); // postgres://postgres@127.0.0.1:…/…
//! let nats = testkit::Nats::start();
//! nats.kill();
//! nats.restart(); // same port, same store
//! ```
//!
//! The binaries are those that `cargo xtask install` brings (see [`Tools`]). Where they are missing a test fails
//! and says so: a test that skips itself proves nothing.
//!
//! Everything here blocks and panics, as befits tests. A server ends, and its folder goes, when the value is dropped
//! or when the test process ends in whatever way, `SIGKILL` included.

mod nats;
mod postgres;
mod process;
mod tools;

pub use nats::Nats;
pub use postgres::Postgres;
pub use tools::{Missing, Tools};

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

/// A TCP port on 127.0.0.1 on which nobody listens at this moment.
///
/// It lies below the range from which the kernel takes ports for outgoing connections, so that none of those can slip
/// in while a server that owned the port is being restarted.
pub fn free_port() -> u16 {
    const FIRST: u32 = 15_000;
    const COUNT: u32 = 17_000;
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    // Test processes that run side by side start their search far from one another.
    let start = std::process::id().wrapping_mul(7_919);
    for _ in 0..COUNT {
        let offset = start.wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed)) % COUNT;
        let port = u16::try_from(FIRST + offset).expect("FIRST + COUNT fits a port");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between {FIRST} and {}", FIRST + COUNT);
}

/// `stem` with a suffix that no other call in this test process gets: for databases, streams, subjects, agencies.
/// Letters, digits and `_` only, if `stem` has nothing else.
pub fn unique(stem: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{stem}_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
