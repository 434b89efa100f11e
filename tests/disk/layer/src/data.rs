//! What happens when a watched file is written or flushed.

use std::ffi::c_int;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::files::{Watched, metadata};
use crate::real::{Slice, set_errno};
use crate::rig::{ENDLESS, Kind, Knob, Rig};

const EIO: c_int = 5;
const ENOSPC: c_int = 28;

/// A fault that is to be answered: `errno` is set.
pub struct Failed;

/// How many of `len` bytes at `offset` may be written.
pub fn admit(rig: &Rig, fd: c_int, offset: u64, len: usize) -> Result<usize, Failed> {
    if rig.fails(Knob::WriteFailsIn, Knob::WriteFailures) {
        set_errno(EIO);
        return Err(Failed);
    }
    if rig.knob(Knob::Room).load(Ordering::Relaxed) == ENDLESS {
        return Ok(len);
    }
    let size = metadata(fd).map_or(0, |file| file.len());
    let beyond = (offset + len as u64).saturating_sub(size.max(offset));
    let hole = if beyond > 0 { offset.saturating_sub(size) } else { 0 };
    let given = rig.take_room(beyond + hole);
    let allowed = (len as u64 - beyond + given.saturating_sub(hole)) as usize;
    if allowed == 0 && len > 0 {
        set_errno(ENOSPC);
        return Err(Failed);
    }
    Ok(allowed)
}

/// Whether a file may grow to `len`.
pub fn admit_length(rig: &Rig, fd: c_int, len: u64) -> Result<(), Failed> {
    let size = metadata(fd).map_or(0, |file| file.len());
    let wanted = len.saturating_sub(size);
    if rig.take_room(wanted) < wanted {
        set_errno(ENOSPC);
        return Err(Failed);
    }
    Ok(())
}

/// `written` bytes of these slices went to `offset`.
pub fn wrote(rig: &Rig, file: Watched, offset: u64, slices: &[Slice], written: usize) {
    let mut left = written;
    let mut told = Vec::with_capacity(slices.len());
    for slice in slices {
        let len = slice.len.min(left);
        left -= len;
        if len > 0 {
            told.push(Slice { base: slice.base, len });
        }
    }
    rig.tell(Kind::Write, file.inode, offset, &told);
    if file.sync {
        // A failing disk is modelled at explicit flushes; nobody here opens files for synchronous writing by default.
        settle(rig, Kind::Flush, file.inode);
    }
}

fn settle(rig: &Rig, kind: Kind, inode: u64) {
    rig.knob(Knob::Flushes).fetch_add(1, Ordering::Relaxed);
    let slow = rig.knob(Knob::SlowUs).load(Ordering::Relaxed);
    if rig.knob(Knob::Lie).load(Ordering::Relaxed) == 0 {
        rig.tell(kind, inode, 0, &[]);
    }
    if slow > 0 {
        std::thread::sleep(Duration::from_micros(slow));
    }
}

/// A flush of a file or folder. The real disk need not be waited for: the log is the disk.
pub fn flush(rig: &Rig, fd: c_int, file: Watched) -> c_int {
    if rig.fails(Knob::FlushFailsIn, Knob::FlushFailures) {
        rig.tell(Kind::FlushFailed, file.inode, 0, &[]);
        set_errno(EIO);
        return -1;
    }
    if metadata(fd).is_some_and(|file| file.is_dir()) {
        if let Some(path) = crate::files::path_of(fd) {
            rig.knob(Knob::Flushes).fetch_add(1, Ordering::Relaxed);
            if rig.knob(Knob::Lie).load(Ordering::Relaxed) == 0 {
                rig.tell_path(Kind::FlushFolder, 0, &path);
            }
        }
    } else {
        settle(rig, Kind::Flush, file.inode);
    }
    0
}

/// A flush of everything.
pub fn flush_all(rig: &Rig) {
    settle(rig, Kind::FlushAll, 0);
}
