//! Which open files are watched, and by what names.

use std::ffi::{CStr, OsStr, c_char, c_int};
use std::fs::{File, Metadata};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// "Relative to the working directory".
pub const AT_FDCWD: c_int = -100;

const COUNT: usize = 65_536;
const WATCHED: u64 = 1 << 63;
const SYNC: u64 = 1 << 62;

/// By descriptor: 0, or the inode with two flags. A child made by `fork` has it too, as it has the descriptors.
static FILES: [AtomicU64; COUNT] = [const { AtomicU64::new(0) }; COUNT];

/// A watched file that is open.
#[derive(Clone, Copy)]
pub struct Watched {
    /// Its inode.
    pub inode: u64,
    /// Whether every write is flushed.
    pub sync: bool,
}

fn slot(fd: c_int) -> Option<&'static AtomicU64> {
    FILES.get(usize::try_from(fd).ok()?)
}

/// The watched file behind a descriptor.
pub fn watched(fd: c_int) -> Option<Watched> {
    let value = slot(fd)?.load(Ordering::Relaxed);
    (value & WATCHED != 0).then_some(Watched {
        inode: value & !(WATCHED | SYNC),
        sync: value & SYNC != 0,
    })
}

/// From now on it is watched.
pub fn watch(fd: c_int, inode: u64, sync: bool) {
    if let Some(slot) = slot(fd) {
        slot.store(WATCHED | if sync { SYNC } else { 0 } | inode, Ordering::Relaxed);
    }
}

/// It is closed.
pub fn forget(fd: c_int) {
    if let Some(slot) = slot(fd) {
        slot.store(0, Ordering::Relaxed);
    }
}

/// `copy` now means what `fd` means.
pub fn copy(fd: c_int, copy: c_int) {
    if let (Some(from), Some(to)) = (slot(fd), slot(copy)) {
        to.store(from.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// What the kernel knows of an open file.
pub fn metadata(fd: c_int) -> Option<Metadata> {
    // SAFETY: the descriptor is open for as long as the caller's call lasts, and is not closed here.
    let file = ManuallyDrop::new(unsafe { File::from_raw_fd(fd) });
    file.metadata().ok()
}

/// Where an open file lies.
pub fn path_of(fd: c_int) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/self/fd/{fd}")).ok()
}

/// A path as the caller means it, without links resolved: absolute, without `.` and `..`.
///
/// # Safety
/// `path` must be a string that ends in NUL.
pub unsafe fn absolute(folder: c_int, path: *const c_char) -> Option<PathBuf> {
    if path.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    let path = Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes()));
    let base = match folder {
        _ if path.is_absolute() => PathBuf::new(),
        AT_FDCWD => std::env::current_dir().ok()?,
        folder => path_of(folder)?,
    };
    let mut clean = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            part => clean.push(part),
        }
    }
    Some(clean)
}
