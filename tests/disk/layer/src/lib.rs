//! A layer between a program and its disk, loaded with `LD_PRELOAD`: it writes down every change to the files below one
//! folder, in the order in which they happened and with what was flushed when, and injects faults. What would be on the
//! disk after a power cut is worked out from that log (`tests/disk`); this layer only tells.
//!
//! Reads, and files elsewhere, go through untouched. Not seen: writes through stdio's streams (PostgreSQL writes caches
//! with them, and loses nothing when they are gone) and through writable mappings (SQLite's index of its write-ahead
//! log, which it makes anew).
//!
//! A record is written after what it tells has happened, and a flush before it is done: whatever was written before a
//! flush began stands before it in the log. Nothing ends a thread between the two (`whole.rs`).

mod calls;
mod data;
mod files;
mod names;
mod real;
mod rig;
mod whole;

/// Runs when the program is loaded, before its `main`.
#[used]
#[unsafe(link_section = ".init_array")]
static START: extern "C" fn() = {
    extern "C" fn start() {
        rig::open();
    }
    start
};
