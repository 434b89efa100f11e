//! The calls about open files, in the place of the C library's.
//!
//! # Safety
//! Each is called as the function of the C library whose name it has, and promises and asks the same.

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::os::unix::fs::MetadataExt;

use crate::data;
use crate::files::{self, AT_FDCWD};
use crate::real::{Slice, errno, lseek, real, set_errno};
use crate::rig::{Kind, Rig, rig};
use crate::whole::whole;

const O_CREAT: c_int = 0o100;
const O_EXCL: c_int = 0o200;
const O_TRUNC: c_int = 0o1000;
const O_DSYNC: c_int = 0o10_000;
const O_ACCMODE: c_int = 3;
const EEXIST: c_int = 17;
const ENOENT: c_int = 2;
const ENOSYS: c_int = 38;
const F_DUPFD: c_int = 0;
const F_DUPFD_CLOEXEC: c_int = 1030;
const SEEK_CUR: c_int = 1;

fn real_open(folder: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    real!(openat64(folder => c_int, path => *const c_char, flags => c_int, mode => c_uint) -> c_int)
}

/// Opens, and is certain whether the file is new: asked to make one, it insists on making it. What is there and stays as
/// it is can be opened at any time: who only reads is never held.
unsafe fn open_in(folder: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    let Some(rig) = rig() else {
        return real_open(folder, path, flags, mode);
    };
    // SAFETY: the caller's path.
    if !unsafe { files::absolute(folder, path) }.is_some_and(|path| rig.watches(&path)) {
        let fd = real_open(folder, path, flags, mode);
        files::forget(fd);
        return fd;
    }
    if flags & (O_EXCL | O_TRUNC) == 0 {
        let fd = real_open(folder, path, flags & !O_CREAT, mode);
        if fd >= 0 {
            opened(rig, fd, flags, false);
        }
        if fd >= 0 || flags & O_CREAT == 0 || errno() != ENOENT {
            return fd;
        }
    }
    let _whole = whole();
    let (fd, new) = loop {
        if flags & O_CREAT == 0 {
            break (real_open(folder, path, flags, mode), false);
        }
        let fd = real_open(folder, path, flags | O_EXCL, mode);
        if fd >= 0 || errno() != EEXIST || flags & O_EXCL != 0 {
            break (fd, true);
        }
        let fd = real_open(folder, path, flags & !O_CREAT, mode);
        if fd >= 0 || errno() != ENOENT {
            break (fd, false);
        }
    };
    if fd >= 0 {
        opened(rig, fd, flags, new);
    }
    fd
}

fn opened(rig: &Rig, fd: c_int, flags: c_int, new: bool) {
    files::forget(fd);
    let (Some(file), Some(path)) = (files::metadata(fd), files::path_of(fd)) else {
        return;
    };
    if !rig.watches(&path) || !(file.is_file() || file.is_dir()) {
        return;
    }
    if new {
        rig.tell_path(Kind::Create, file.ino(), &path);
    } else if flags & O_TRUNC != 0 && flags & O_ACCMODE != 0 {
        rig.tell(Kind::Resize, file.ino(), 0, &[]);
    }
    // O_SYNC contains O_DSYNC's bit.
    files::watch(fd, file.ino(), flags & O_DSYNC != 0);
}

macro_rules! opens {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
            // SAFETY: the caller's path.
            unsafe { open_in(AT_FDCWD, path, flags, mode) }
        }
    )*};
}
opens!(open open64);

macro_rules! opens_at {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(folder: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
            // SAFETY: the caller's path.
            unsafe { open_in(folder, path, flags, mode) }
        }
    )*};
}
opens_at!(openat openat64);

macro_rules! creats {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(path: *const c_char, mode: c_uint) -> c_int {
            // SAFETY: the caller's path.
            unsafe { open_in(AT_FDCWD, path, O_CREAT | O_TRUNC | 1, mode) }
        }
    )*};
}
creats!(creat creat64);

#[unsafe(no_mangle)]
pub unsafe extern "C" fn close(fd: c_int) -> c_int {
    // Before: afterwards the number may be another's.
    files::forget(fd);
    real!(close(fd => c_int) -> c_int)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn dup(fd: c_int) -> c_int {
    let copy = real!(dup(fd => c_int) -> c_int);
    files::copy(fd, copy);
    copy
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn dup2(fd: c_int, to: c_int) -> c_int {
    let copy = real!(dup2(fd => c_int, to => c_int) -> c_int);
    files::copy(fd, copy);
    copy
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn dup3(fd: c_int, to: c_int, flags: c_int) -> c_int {
    let copy = real!(dup3(fd => c_int, to => c_int, flags => c_int) -> c_int);
    files::copy(fd, copy);
    copy
}

macro_rules! fcntls {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(fd: c_int, command: c_int, argument: usize) -> c_int {
            let answer = real!($name(fd => c_int, command => c_int, argument => usize) -> c_int);
            if matches!(command, F_DUPFD | F_DUPFD_CLOEXEC) {
                files::copy(fd, answer);
            }
            answer
        }
    )*};
}
fcntls!(fcntl fcntl64);

/// Writes where the file's own position is (`at: None`) or elsewhere.
unsafe fn write_slices(fd: c_int, slices: &[Slice], at: Option<i64>) -> isize {
    let straight = |slices: &[Slice]| {
        let (first, count) = (slices.as_ptr(), slices.len() as c_int);
        match at {
            Some(at) => real!(pwritev64(fd => c_int, first => *const Slice, count => c_int, at => i64) -> isize),
            None => real!(writev(fd => c_int, first => *const Slice, count => c_int) -> isize),
        }
    };
    let (Some(rig), Some(file)) = (rig(), files::watched(fd)) else {
        return straight(slices);
    };
    let _whole = whole();
    let end = || files::metadata(fd).map_or(0, |file| file.len());
    let start = match at {
        Some(at) => at as u64,
        None if is_appending(fd) => end(),
        // SAFETY: asks for the position, changes nothing.
        None => unsafe { lseek(fd, 0, SEEK_CUR) }.max(0) as u64,
    };
    let wanted: usize = slices.iter().map(|slice| slice.len).sum();
    let Ok(allowed) = data::admit(rig, fd, start, wanted) else {
        return -1;
    };
    let mut left = allowed;
    let cut = |slice: &Slice| {
        let len = slice.len.min(left);
        left -= len;
        Slice { base: slice.base, len }
    };
    let written = straight(&slices.iter().map(cut).collect::<Vec<_>>());
    if let Ok(count @ 1..) = usize::try_from(written) {
        // Of several that append at once, each ends where its own position says.
        let offset = match at {
            Some(_) => start,
            // SAFETY: asks for the position, changes nothing.
            None => (unsafe { lseek(fd, 0, SEEK_CUR) } - written as i64).max(0) as u64,
        };
        data::wrote(rig, file, offset, slices, count);
    }
    written
}

fn is_appending(fd: c_int) -> bool {
    const F_GETFL: c_int = 3;
    const O_APPEND: c_int = 0o2000;
    let flags = real!(fcntl64(fd => c_int, F_GETFL => c_int, 0 => usize) -> c_int);
    flags >= 0 && flags & O_APPEND != 0
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(fd: c_int, base: *const c_void, len: usize) -> isize {
    if files::watched(fd).is_none() {
        return real!(write(fd => c_int, base => *const c_void, len => usize) -> isize);
    }
    // SAFETY: the caller's bytes.
    unsafe { write_slices(fd, &[Slice { base, len }], None) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn writev(fd: c_int, slices: *const Slice, count: c_int) -> isize {
    if files::watched(fd).is_none() {
        return real!(writev(fd => c_int, slices => *const Slice, count => c_int) -> isize);
    }
    // SAFETY: the caller's slices.
    unsafe { write_slices(fd, std::slice::from_raw_parts(slices, count.max(0) as usize), None) }
}

macro_rules! pwrites {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(fd: c_int, base: *const c_void, len: usize, at: i64) -> isize {
            // SAFETY: the caller's bytes.
            unsafe { write_slices(fd, &[Slice { base, len }], Some(at)) }
        }
    )*};
}
pwrites!(pwrite pwrite64);

macro_rules! pwritevs {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(fd: c_int, slices: *const Slice, count: c_int, at: i64) -> isize {
            // SAFETY: the caller's slices.
            unsafe { write_slices(fd, std::slice::from_raw_parts(slices, count.max(0) as usize), Some(at)) }
        }
    )*};
}
pwritevs!(pwritev pwritev64);

/// Sets a file's length with `change`, if the disk allows it; `failed` is how that call says that it does not.
fn resize(fd: c_int, kind: Kind, len: i64, failed: impl Fn() -> c_int, change: impl Fn() -> c_int) -> c_int {
    let (Some(rig), Some(file)) = (rig(), files::watched(fd)) else {
        return change();
    };
    let _whole = whole();
    let len = len.max(0) as u64;
    if data::admit_length(rig, fd, len).is_err() {
        return failed();
    }
    let answer = change();
    if answer == 0 {
        rig.tell(kind, file.inode, len, &[]);
    }
    answer
}

macro_rules! ftruncates {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(fd: c_int, len: i64) -> c_int {
            resize(fd, Kind::Resize, len, || -1, || real!($name(fd => c_int, len => i64) -> c_int))
        }
    )*};
}
ftruncates!(ftruncate ftruncate64);

macro_rules! truncates {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(path: *const c_char, len: i64) -> c_int {
            // SAFETY: the caller's path.
            let fd = unsafe { open_in(AT_FDCWD, path, 1, 0) };
            if fd < 0 {
                return fd;
            }
            let answer = resize(fd, Kind::Resize, len, || -1, || real!(ftruncate64(fd => c_int, len => i64) -> c_int));
            let errno = errno();
            // SAFETY: opened above.
            unsafe { close(fd) };
            set_errno(errno);
            answer
        }
    )*};
}
truncates!(truncate truncate64);

macro_rules! fallocates {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(fd: c_int, at: i64, len: i64) -> c_int {
            // This one answers with the error itself.
            resize(fd, Kind::Extend, at + len, errno, || real!($name(fd => c_int, at => i64, len => i64) -> c_int))
        }
    )*};
}
fallocates!(posix_fallocate posix_fallocate64);

macro_rules! flushes {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(fd: c_int) -> c_int {
            match (rig(), files::watched(fd)) {
                (Some(rig), Some(file)) => {
                    let _whole = whole();
                    data::flush(rig, fd, file)
                }
                _ => real!($name(fd => c_int) -> c_int),
            }
        }
    )*};
}
flushes!(fsync fdatasync);

#[unsafe(no_mangle)]
pub unsafe extern "C" fn syncfs(fd: c_int) -> c_int {
    match (rig(), files::watched(fd)) {
        (Some(rig), Some(_)) => {
            let _whole = whole();
            data::flush_all(rig);
        }
        _ => return real!(syncfs(fd => c_int) -> c_int),
    }
    0
}

/// A hint to start writing: promises nothing, so it is nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync_file_range(fd: c_int, at: i64, len: i64, flags: c_uint) -> c_int {
    match (rig(), files::watched(fd)) {
        (Some(_), Some(_)) => 0,
        _ => real!(sync_file_range(fd => c_int, at => i64, len => i64, flags => c_uint) -> c_int),
    }
}

macro_rules! copies {
    ($($name:ident($to:ident; $($argument:ident: $type:ty),*))*) => {$(
        /// Not here: callers then read and write.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($argument: $type),*) -> isize {
            if rig().is_some() && files::watched($to).is_some() {
                set_errno(ENOSYS);
                return -1;
            }
            real!($name($($argument => $type),*) -> isize)
        }
    )*};
}
copies! {
    copy_file_range(to; from: c_int, from_at: *mut i64, to: c_int, to_at: *mut i64, len: usize, flags: c_uint)
    sendfile(to; to: c_int, from: c_int, at: *mut i64, len: usize)
    sendfile64(to; to: c_int, from: c_int, at: *mut i64, len: usize)
}
