//! What the layer was told, and where it writes down what happens.
//!
//! `DISK_LAYER` names a folder with three files: `watch` (the absolute path of the folder that is watched), `control`
//! (a page of numbers, see [`Knob`], which may be changed at any time) and `log` (one record after another, see
//! [`Kind`]).

use std::ffi::{CString, OsString, c_int, c_void};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::real::{self, Slice, real};

/// The numbers of the control page, little-endian, eight bytes each, in this order.
#[derive(Clone, Copy)]
pub enum Knob {
    /// Not zero: flushes are acknowledged, and are not in the log.
    Lie,
    /// Microseconds that every flush takes longer.
    SlowUs,
    /// Bytes by which files may still grow; all ones: no limit.
    Room,
    /// The so-manieth flush from now fails, and …
    FlushFailsIn,
    /// … so many from then on.
    FlushFailures,
    /// The so-manieth write from now fails, and …
    WriteFailsIn,
    /// … so many from then on.
    WriteFailures,
    /// Counts flushes.
    Flushes,
    /// Counts faults that were injected.
    Injected,
    /// Not zero: nothing may begin. See [`crate::whole`].
    Hold,
    /// Counts what has begun and is not told yet.
    UnderWay,
}

/// A kind of record: its length (u32, itself included), its kind (u8), two numbers (u64 each), then bytes.
#[derive(Clone, Copy)]
#[repr(u8)]
pub enum Kind {
    /// A file came to be: inode; path.
    Create = 1,
    /// A folder: path.
    Mkdir = 2,
    /// A file or folder got another name: length of the first path; both paths.
    Rename = 3,
    /// A file got a second name: likewise.
    Link = 4,
    /// A name was removed: path.
    Remove = 5,
    /// Bytes were written: inode, offset; the bytes.
    Write = 6,
    /// A file was cut or grown: inode, length.
    Resize = 7,
    /// A file was grown to at least: inode, length.
    Extend = 8,
    /// A file was flushed: inode.
    Flush = 9,
    /// A folder was flushed: path.
    FlushFolder = 10,
    /// All was flushed.
    FlushAll = 11,
    /// A flush failed: inode. What was written and not flushed before is never flushed after.
    FlushFailed = 12,
}

/// All bits set: no limit.
pub const ENDLESS: u64 = u64::MAX;

/// The rig of this process, if it has one.
pub struct Rig {
    watch: PathBuf,
    log: c_int,
    control: &'static [AtomicU64; 16],
}

static RIG: OnceLock<Option<Rig>> = OnceLock::new();

const O_RDWR: c_int = 2;
const O_APPEND: c_int = 0o2000;
const O_CLOEXEC: c_int = 0o2_000_000;
const PROT_READ_WRITE: c_int = 3;
const MAP_SHARED: c_int = 1;
const CONTROL_BYTES: usize = 128;

/// Reads the variable and opens the files. Runs before `main`.
#[expect(
    clippy::disallowed_methods,
    reason = "the layer's one word from outside; it has no other configuration"
)]
pub fn open() {
    RIG.get_or_init(|| {
        let folder = PathBuf::from(std::env::var_os("DISK_LAYER")?);
        let watch = fs::read(folder.join("watch")).unwrap_or_else(|_| give_up("no folder to watch"));
        let log = open_file(&folder.join("log"), O_RDWR | O_APPEND | O_CLOEXEC);
        let control = open_file(&folder.join("control"), O_RDWR | O_CLOEXEC);
        // SAFETY: a new mapping of a file that is open; nothing else lies there.
        let page = unsafe {
            real::mmap(
                std::ptr::null_mut(),
                CONTROL_BYTES,
                PROT_READ_WRITE,
                MAP_SHARED,
                control,
                0,
            )
        };
        if page as isize == -1 {
            give_up("the control page cannot be mapped");
        }
        // SAFETY: the mapping is as long as the array, aligned to a page, never unmapped, and only used atomically.
        let control = unsafe { &*page.cast::<[AtomicU64; 16]>() };
        Some(Rig {
            watch: PathBuf::from(OsString::from_vec(watch)),
            log,
            control,
        })
    });
}

/// The rig, once [`open`] has run and found one.
pub fn rig() -> Option<&'static Rig> {
    RIG.get()?.as_ref()
}

/// A layer that cannot do its work would prove nothing.
fn give_up(why: &str) -> ! {
    let line = format!("disk layer: {why}\n");
    let _ = real!(write(2 => c_int, line.as_ptr().cast() => *const c_void, line.len() => usize) -> isize);
    std::process::abort()
}

fn open_file(path: &Path, flags: c_int) -> c_int {
    let path = CString::new(path.as_os_str().as_bytes()).unwrap_or_else(|_| give_up("a path holds NUL"));
    let fd = real!(open64(path.as_ptr() => *const std::ffi::c_char, flags => c_int, 0 => c_int) -> c_int);
    if fd < 0 {
        give_up("the files of the rig cannot be opened");
    }
    fd
}

impl Rig {
    /// Whether a path lies in the watched folder.
    pub fn watches(&self, path: &Path) -> bool {
        path.starts_with(&self.watch)
    }

    /// A number of the control page.
    pub fn knob(&self, knob: Knob) -> &AtomicU64 {
        &self.control[knob as usize]
    }

    /// Adds one record; the path is told from the watched folder on. One appending `writev`, so that records of several
    /// processes stand one after another.
    pub fn tell(&self, kind: Kind, first: u64, second: u64, bytes: &[Slice]) {
        let errno = real::errno();
        let len: usize = bytes.iter().map(|slice| slice.len).sum();
        let Ok(whole) = u32::try_from(len + 21) else {
            give_up("a record is too long")
        };
        let mut head = [0_u8; 21];
        head[..4].copy_from_slice(&whole.to_le_bytes());
        head[4] = kind as u8;
        head[5..13].copy_from_slice(&first.to_le_bytes());
        head[13..].copy_from_slice(&second.to_le_bytes());
        let mut slices = Vec::with_capacity(bytes.len() + 1);
        slices.push(Slice {
            base: head.as_ptr().cast(),
            len: head.len(),
        });
        slices.extend_from_slice(bytes);
        let count = slices.len() as c_int;
        let written = real!(writev(self.log => c_int, slices.as_ptr() => *const Slice, count => c_int) -> isize);
        if written != whole as isize {
            give_up("the log cannot be written");
        }
        real::set_errno(errno);
    }

    /// Adds a record about a path.
    pub fn tell_path(&self, kind: Kind, first: u64, path: &Path) {
        self.tell(kind, first, 0, &[self.slice(path)]);
    }

    /// Adds a record about two paths.
    pub fn tell_paths(&self, kind: Kind, from: &Path, to: &Path) {
        let from = self.slice(from);
        self.tell(kind, from.len as u64, 0, &[from, self.slice(to)]);
    }

    fn slice(&self, path: &Path) -> Slice {
        let path = path.strip_prefix(&self.watch).unwrap_or(path).as_os_str().as_bytes();
        Slice {
            base: path.as_ptr().cast(),
            len: path.len(),
        }
    }

    /// Takes as many of `wanted` bytes as there is still room for.
    pub fn take_room(&self, wanted: u64) -> u64 {
        let take = |room: u64| (room != ENDLESS).then(|| room - room.min(wanted));
        let room = self
            .knob(Knob::Room)
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        let given = room.map_or(wanted, |room| room.min(wanted));
        if given < wanted {
            self.knob(Knob::Injected).fetch_add(1, Ordering::Relaxed);
        }
        given
    }

    /// Whether the operation that now begins is one of those that fail. Counts down `fails_in`, then `failures`.
    pub fn fails(&self, fails_in: Knob, failures: Knob) -> bool {
        let down = |number: u64| number.checked_sub(1);
        let down = |knob: Knob| self.knob(knob).fetch_update(Ordering::Relaxed, Ordering::Relaxed, down);
        if self.knob(failures).load(Ordering::Relaxed) == 0 {
            return false;
        }
        // 0 and 1 both: the next one.
        if matches!(down(fails_in), Ok(before) if before > 1) {
            return false;
        }
        let failing = down(failures).is_ok();
        if failing {
            self.knob(Knob::Injected).fetch_add(1, Ordering::Relaxed);
        }
        failing
    }
}
