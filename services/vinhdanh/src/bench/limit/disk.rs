//! The disk's own speed: how long it takes until 4 KiB more of a file are there for ever.

use std::{fs::File, io::Write as _, path::Path, time::Duration};

use anyhow::Context;
use tokio::time::Instant;

const APPENDS: usize = 500;
const BYTES: usize = 4 << 10;

/// Each append with its fdatasync, in a file of its own in the folder, which is removed again.
pub fn appends(folder: &Path) -> anyhow::Result<Vec<Duration>> {
    let path = folder.join("fsync.probe");
    let mut file = File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
    let mut times = Vec::with_capacity(APPENDS);
    for _ in 0..APPENDS {
        let began = Instant::now();
        file.write_all(&[0x5a; BYTES])?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    std::fs::remove_file(&path)?;
    Ok(times)
}
