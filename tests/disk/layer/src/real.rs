//! The functions of the C library whose place this layer takes.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};

/// `struct iovec`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slice {
    /// The first byte.
    pub base: *const c_void,
    /// How many.
    pub len: usize,
}

/// `sigset_t`.
#[repr(C)]
pub struct SignalSet([u64; 16]);

impl SignalSet {
    /// No signal.
    pub const EMPTY: Self = Self([0; 16]);
    /// Every signal; those that cannot be blocked are left out by the system.
    pub const FULL: Self = Self([u64::MAX; 16]);
}

/// `SIG_SETMASK`.
pub const SIG_SETMASK: c_int = 2;

const NEXT: *mut c_void = -1_isize as *mut c_void;

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn __errno_location() -> *mut c_int;
    pub fn pthread_sigmask(how: c_int, new: *const c_void, old: *mut c_void) -> c_int;
    pub fn lseek(fd: c_int, offset: i64, whence: c_int) -> i64;
    pub fn mmap(at: *mut c_void, len: usize, protection: c_int, flags: c_int, fd: c_int, offset: i64) -> *mut c_void;
}

/// Sets the error of the call that is about to fail.
pub fn set_errno(errno: c_int) {
    // SAFETY: glibc gives every thread a valid place for it.
    unsafe { *__errno_location() = errno }
}

/// The error of the call that just failed.
pub fn errno() -> c_int {
    // SAFETY: as above.
    unsafe { *__errno_location() }
}

/// The address of the next function of this name behind ours, looked up once.
pub fn find(slot: &AtomicUsize, name: &CStr) -> usize {
    let known = slot.load(Ordering::Relaxed);
    if known != 0 {
        return known;
    }
    // SAFETY: the name ends in NUL; RTLD_NEXT is a handle that dlsym knows.
    let found = unsafe { dlsym(NEXT, name.as_ptr()) } as usize;
    if found == 0 {
        std::process::abort();
    }
    slot.store(found, Ordering::Relaxed);
    found
}

/// `real!(name(argument: Type, …) -> Type)` calls the C library's function of that name.
macro_rules! real {
    ($name:ident($($argument:expr => $type:ty),*) -> $answer:ty) => {{
        static SLOT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        const NAME: &std::ffi::CStr =
            match std::ffi::CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                Ok(name) => name,
                Err(_) => panic!("a name holds NUL"),
            };
        let found = $crate::real::find(&SLOT, NAME);
        // SAFETY: the C library's function of this name has this signature, and the arguments are the caller's own.
        unsafe {
            let function = std::mem::transmute::<usize, unsafe extern "C" fn($($type),*) -> $answer>(found);
            function($($argument),*)
        }
    }};
}
pub(crate) use real;
