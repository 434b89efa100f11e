//! Many seeds, and what to show of one that fails.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use crate::{Options, Outcome, log::Line, run};

/// How many lines of a failing seed's log are shown.
const LINES_MAX: usize = 160;

/// Runs seeds side by side, each in a world of its own on one thread. `each` is told of every one as it ends, in no
/// order; once it says `false` no further one begins.
pub fn sweep(from: u64, seeds: u64, threads: usize, options: Options, each: impl FnMut(Outcome) -> bool + Send) {
    let (next, enough) = (AtomicU64::new(from), AtomicBool::new(false));
    let each = Mutex::new(each);
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while !enough.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from.saturating_add(seeds) {
                        return;
                    }
                    let outcome = caught(seed, options);
                    let mut each = each.lock().unwrap_or_else(PoisonError::into_inner);
                    if !each(outcome) {
                        enough.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
}

/// Runs a seed; a panic breaks it, and nothing else.
fn caught(seed: u64, options: Options) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| run(seed, options))).unwrap_or_else(|_| Outcome {
        seed,
        broken: vec!["PANIC the run panicked; the message stands above".to_owned()],
        ..Outcome::default()
    })
}

/// The number of the invariant that a finding is about.
pub fn invariant(finding: &str) -> &str {
    finding.split_whitespace().next().unwrap_or_default()
}

/// The smallest run of a failing seed that still breaks the same invariant, with its log: fewer dossiers are tried
/// first.
pub fn smallest(failed: &Outcome, options: Options) -> (Options, Outcome) {
    let broken = failed.broken.first().map(|finding| invariant(finding).to_owned());
    let with = |dossiers| Options {
        dossiers,
        keep_log: true,
        show_log: false,
        ..options
    };
    for dossiers in 1..=3 {
        let options = with(Some(dossiers));
        let outcome = caught(failed.seed, options);
        if outcome
            .broken
            .iter()
            .any(|finding| Some(invariant(finding)) == broken.as_deref())
        {
            return (options, outcome);
        }
    }
    let options = with(options.dossiers);
    (options, caught(failed.seed, options))
}

/// The lines of a log that its findings are about, and the crashes and losses between them; the last ones if there are
/// too many.
pub fn story(outcome: &Outcome) -> Vec<&Line> {
    let names: Vec<&str> = outcome
        .broken
        .iter()
        .flat_map(|finding| finding.split([' ', ':', '/', '(', ')', '@', '[', ']', '"']))
        .filter(|word| word.len() == 36 && word.matches('-').count() == 4)
        .collect();
    // Who was refused asked again: what counts is what happened.
    let about = |line: &Line| {
        !line.what.contains("] refused:")
            && names
                .iter()
                .any(|name| line.about.contains(name) || line.what.contains(name))
    };
    let trouble = |line: &Line| line.what.contains("crashes") || line.what.contains("loses");
    let (first, last) = (
        outcome.lines.iter().position(about).unwrap_or(0),
        outcome.lines.iter().rposition(about).unwrap_or(0),
    );
    let mut story: Vec<&Line> = outcome
        .lines
        .iter()
        .enumerate()
        .filter(|(at, line)| about(line) || (first..=last).contains(at) && trouble(line))
        .map(|(_, line)| line)
        .collect();
    if story.is_empty() {
        story = outcome.lines.iter().collect();
    }
    story.split_off(story.len().saturating_sub(LINES_MAX))
}
