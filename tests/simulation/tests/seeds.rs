//! The seeds of the ordinary test run, and that a seed says everything.

use simulation::{
    Options, run,
    sweep::{smallest, story, sweep},
};

/// A failing seed prints all that is needed to see it again.
#[test]
fn five_hundred_seeds_break_no_invariant() {
    let mut failed = None;
    sweep(1, 500, 2, Options::default(), |outcome| {
        let fine = outcome.broken.is_empty();
        if !fine {
            failed = Some(outcome);
        }
        fine
    });
    if let Some(failed) = failed {
        let (options, small) = smallest(&failed, Options::default());
        let story: Vec<String> = story(&small).into_iter().map(ToString::to_string).collect();
        panic!(
            "seed {} ({:?} dossiers): {:#?}\n{}\nagain: cargo run -p simulation -- --seeds 1 --from {}",
            failed.seed,
            options.dossiers,
            failed.broken,
            story.join("\n"),
            failed.seed
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_log_and_another_seed_another() {
    // The last one begins with nothing.
    let seeds = [7, 1_000_003, 50];
    let mut digests = Vec::new();
    for seed in seeds {
        // On a thread of its own each time: nothing of the first run is left.
        let again = || {
            std::thread::spawn(move || run(seed, Options::default()))
                .join()
                .expect("a run")
        };
        let (one, other) = (again(), again());
        assert_eq!(
            (one.entries, &one.digest),
            (other.entries, &other.digest),
            "seed {seed}"
        );
        assert!(
            one.entries > 60,
            "seed {seed} hardly does anything: {} lines",
            one.entries
        );
        digests.push(one.digest);
    }
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), seeds.len());
}

#[test]
fn what_is_written_down_of_a_log_changes_nothing() {
    let options = Options {
        keep_log: true,
        ..Options::default()
    };
    let (kept, not) = (run(11, options), run(11, Options::default()));
    assert_eq!(kept.digest, not.digest);
    assert_eq!(kept.lines.len() as u64, kept.entries);
}

#[test]
fn without_trouble_every_dossier_goes_its_way_without_a_crash() {
    let outcome = run(
        3,
        Options {
            calm: true,
            keep_log: true,
            ..Options::default()
        },
    );
    assert_eq!(outcome.broken, Vec::<String>::new());
    assert!(!outcome.lines.iter().any(|line| line.what.contains("crashes")));
}
