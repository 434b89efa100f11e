//! What released programs recorded, replayed by today's machines: `tests/histories/<release>/<machine>.jsonl`, from the
//! rehearsals as that release played them. Written once, by `cargo xtask freeze`, and never again: a machine that
//! decides one of these otherwise needs a new version beside the old one.

mod freeze;
mod frozen;
mod planted;

use std::{collections::BTreeSet, fs, path::PathBuf};

use host::Service;
use machine::{Recorded, Replayer};

use frozen::read;

/// What a release may weigh.
const BYTES_MAX: u64 = 1_000_000;

/// Where the releases are.
fn folder() -> PathBuf {
    tests::here().join("histories")
}

/// The replayers of all machines of the house.
fn replayers() -> Vec<Replayer> {
    let intake = intake::Intake {
        attachment_bytes_max: 0,
    };
    let notification = notification::Notification::new(notification::NotificationConfig::default());
    let services: [&dyn Service; 5] = [
        &directory::Directory,
        &intake,
        &approval::Approval,
        &council::Council,
        &notification,
    ];
    let services = services.into_iter().flat_map(Service::replayers);
    services.chain([Replayer::of::<host::grants::Grants>()]).collect()
}

fn entries(folder: PathBuf) -> impl Iterator<Item = PathBuf> {
    let read = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    read.map(|entry| entry.expect("an entry").path())
}

/// The files of all releases, with the machine of each.
fn files() -> Vec<(String, PathBuf)> {
    let files = entries(folder()).flat_map(entries);
    let named = files.map(|file| {
        let stem = file
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a machine's name");
        (stem.to_owned(), file.clone())
    });
    named.collect()
}

/// All histories of a machine, of all releases.
fn histories(machine: &str) -> Vec<Vec<Recorded>> {
    let of_it = files().into_iter().filter(|(name, _)| name == machine);
    let all: Vec<_> = of_it
        .flat_map(|(_, file)| read(&fs::read_to_string(file).expect("a file")))
        .collect();
    assert!(!all.is_empty(), "there is no history of {machine}");
    all
}

#[test]
fn today_s_machines_decide_every_released_history_as_it_was_decided() {
    let known = replayers();
    let mut diverged = Vec::new();
    let mut steps = 0;
    for (machine, file) in files() {
        let replayer = known.iter().find(|one| one.machine == machine);
        let replayer = replayer.unwrap_or_else(|| panic!("{machine} is gone, and dossiers of it are not"));
        for history in read(&fs::read_to_string(&file).expect("a file")) {
            steps += history.len();
            if let Err(divergence) = (replayer.run)(&history) {
                diverged.push(format!("{}: {divergence}", file.display()));
            }
        }
    }
    assert_eq!(
        diverged,
        Vec::<String>::new(),
        "raise the machine's VERSION, and let the old rule stand beside the new one (ARCHITECTURE.md, Versions); only a \
         release that nobody runs yet may be removed and frozen again"
    );
    assert!(steps > 500, "{steps} steps are no proof");
}

#[test]
fn every_machine_has_a_history_and_all_are_small() {
    let found: BTreeSet<String> = files().into_iter().map(|(machine, _)| machine).collect();
    let known: BTreeSet<String> = replayers().iter().map(|one| one.machine.to_owned()).collect();
    let without: Vec<_> = known.difference(&found).map(String::as_str).collect();
    assert_eq!(without, frozen::NOT_REHEARSED);
    for release in entries(folder()) {
        let bytes: u64 = entries(release)
            .map(|file| fs::metadata(file).expect("a file").len())
            .sum();
        assert!(bytes < BYTES_MAX, "{bytes} bytes");
    }
}
