//! The calls about names, in the place of the C library's.
//!
//! # Safety
//! Each is called as the function of the C library whose name it has, and promises and asks the same.

use std::ffi::{c_char, c_int, c_uint};
use std::path::Path;

use crate::files::{AT_FDCWD, absolute};
use crate::real::real;
use crate::rig::{Kind, Rig, rig};
use crate::whole::whole;

/// Tells of a change of one name, once it has been made.
unsafe fn one(folder: c_int, path: *const c_char, answer: c_int, tell: impl Fn(&Rig, &Path)) -> c_int {
    if let (0, Some(rig)) = (answer, rig())
        // SAFETY: the caller's path.
        && let Some(path) = unsafe { absolute(folder, path) }
        && rig.watches(&path)
    {
        tell(rig, &path);
    }
    answer
}

/// Tells of a change of two. Nothing here moves files in or out of the watched folder.
unsafe fn two(kind: Kind, from: (c_int, *const c_char), to: (c_int, *const c_char), answer: c_int) -> c_int {
    if let (0, Some(rig)) = (answer, rig())
        // SAFETY: the caller's paths.
        && let (Some(from), Some(to)) = unsafe { (absolute(from.0, from.1), absolute(to.0, to.1)) }
        && rig.watches(&from)
        && rig.watches(&to)
    {
        rig.tell_paths(kind, &from, &to);
    }
    answer
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn mkdir(path: *const c_char, mode: c_uint) -> c_int {
    let _whole = whole();
    let answer = real!(mkdir(path => *const c_char, mode => c_uint) -> c_int);
    // SAFETY: the caller's path.
    unsafe { one(AT_FDCWD, path, answer, |rig, path| rig.tell_path(Kind::Mkdir, 0, path)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn mkdirat(folder: c_int, path: *const c_char, mode: c_uint) -> c_int {
    let _whole = whole();
    let answer = real!(mkdirat(folder => c_int, path => *const c_char, mode => c_uint) -> c_int);
    // SAFETY: the caller's path.
    unsafe { one(folder, path, answer, |rig, path| rig.tell_path(Kind::Mkdir, 0, path)) }
}

macro_rules! removes {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(path: *const c_char) -> c_int {
            let _whole = whole();
            let answer = real!($name(path => *const c_char) -> c_int);
            // SAFETY: the caller's path.
            unsafe { one(AT_FDCWD, path, answer, |rig, path| rig.tell_path(Kind::Remove, 0, path)) }
        }
    )*};
}
removes!(unlink rmdir remove);

#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlinkat(folder: c_int, path: *const c_char, flags: c_int) -> c_int {
    let _whole = whole();
    let answer = real!(unlinkat(folder => c_int, path => *const c_char, flags => c_int) -> c_int);
    // SAFETY: the caller's path.
    unsafe { one(folder, path, answer, |rig, path| rig.tell_path(Kind::Remove, 0, path)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    let _whole = whole();
    let answer = real!(rename(from => *const c_char, to => *const c_char) -> c_int);
    // SAFETY: the caller's paths.
    unsafe { two(Kind::Rename, (AT_FDCWD, from), (AT_FDCWD, to), answer) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn renameat(from_in: c_int, from: *const c_char, to_in: c_int, to: *const c_char) -> c_int {
    let _whole = whole();
    let answer = real!(renameat(from_in => c_int, from => *const c_char, to_in => c_int, to => *const c_char) -> c_int);
    // SAFETY: the caller's paths.
    unsafe { two(Kind::Rename, (from_in, from), (to_in, to), answer) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn renameat2(
    from_in: c_int,
    from: *const c_char,
    to_in: c_int,
    to: *const c_char,
    flags: c_uint,
) -> c_int {
    const RENAME_NOREPLACE: c_uint = 1;
    let _whole = whole();
    let answer = real!(
        renameat2(from_in => c_int, from => *const c_char, to_in => c_int, to => *const c_char, flags => c_uint) -> c_int
    );
    // Exchanges and the like are not modelled; nobody here makes them.
    let told = if flags & !RENAME_NOREPLACE == 0 { answer } else { -1 };
    // SAFETY: the caller's paths.
    unsafe { two(Kind::Rename, (from_in, from), (to_in, to), told) };
    answer
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn link(from: *const c_char, to: *const c_char) -> c_int {
    let _whole = whole();
    let answer = real!(link(from => *const c_char, to => *const c_char) -> c_int);
    // SAFETY: the caller's paths.
    unsafe { two(Kind::Link, (AT_FDCWD, from), (AT_FDCWD, to), answer) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn linkat(
    from_in: c_int,
    from: *const c_char,
    to_in: c_int,
    to: *const c_char,
    flags: c_int,
) -> c_int {
    let _whole = whole();
    let answer = real!(
        linkat(from_in => c_int, from => *const c_char, to_in => c_int, to => *const c_char, flags => c_int) -> c_int
    );
    // SAFETY: the caller's paths.
    unsafe { two(Kind::Link, (from_in, from), (to_in, to), answer) }
}
