//! An operation on the disk and its record are one: nothing comes between them that ends the thread.
//!
//! A write that was done and not told, or half told, is a state that no machine has: where only processes end, the system
//! still shows that write to whoever starts next, and the log knows nothing of it. Two things could come between:
//!
//! * A signal whose handler ends the process, as PostgreSQL's immediate shutdown does. All are blocked meanwhile.
//! * SIGKILL, which nothing blocks. Whoever sends it sets [`Knob::Hold`] first, and waits until [`Knob::UnderWay`] is 0.
//!   An operation counts itself before it looks at `Hold`, the other side sets `Hold` before it looks at the count: one
//!   of the two sees the other, so what the kill finds has not begun.

use std::ffi::{c_int, c_void};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use crate::real::{SIG_SETMASK, SignalSet, pthread_sigmask};
use crate::rig::{Knob, Rig, rig};

/// Who is held looks again.
const LOOK: Duration = Duration::from_millis(1);

/// While it lives, an operation is under way.
pub struct Whole {
    rig: &'static Rig,
    signals: SignalSet,
}

/// From now on until the answer is dropped; waits while operations are held. Never inside another one: that one would
/// wait for itself.
pub fn whole() -> Option<Whole> {
    let rig = rig()?;
    loop {
        let whole = Whole {
            rig,
            signals: mask(&SignalSet::FULL),
        };
        rig.knob(Knob::UnderWay).fetch_add(1, SeqCst);
        if rig.knob(Knob::Hold).load(SeqCst) == 0 {
            return Some(whole);
        }
        drop(whole);
        std::thread::sleep(LOOK);
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        self.rig.knob(Knob::UnderWay).fetch_sub(1, SeqCst);
        mask(&self.signals);
    }
}

/// Blocks these signals and no others; answers with those that were. Leaves `errno` alone.
fn mask(signals: &SignalSet) -> SignalSet {
    let mut before = SignalSet::EMPTY;
    let (new, old): (*const SignalSet, *mut SignalSet) = (signals, &raw mut before);
    // SAFETY: both are as long as glibc's `sigset_t`.
    let _: c_int = unsafe { pthread_sigmask(SIG_SETMASK, new.cast::<c_void>(), old.cast::<c_void>()) };
    before
}
