//! Readers give back what they take: the same process reads thousands of broken inputs and does not grow. A program of
//! its own, so that no other test's memory is counted.

use fuzz::{memory::resident_kib, run::run, targets};

/// What allocators keep, and caches that have a bound. A reader that leaked one small input in ten would pass it.
const GROWTH_KIB: u64 = 16 << 10;

#[test]
fn memory_stays_flat_over_many_broken_inputs() {
    for target in targets::ALL {
        let share = target.usual / 16;
        run(*target, share, 1);
        let before = resident_kib();
        assert!(before > 0, "this process' memory can be read");
        for seed in 2..5 {
            run(*target, share, seed);
        }
        let after = resident_kib();
        println!(
            "{}: {before} KiB before, {after} KiB after {} inputs",
            target.name,
            3 * share
        );
        assert!(
            after < before + GROWTH_KIB,
            "{} grew from {before} to {after} KiB",
            target.name
        );
    }
}
