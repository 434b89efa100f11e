//! Freezes what this release records, for ever: plays all rehearsals, and keeps the shortest histories that show every
//! step that any of them shows.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use journal::{Location, Store};
use machine::{Actor, Recorded, Timestamp, variant_name};

use crate::{folder, frozen::write};

/// Aggregates whose keys are read at once.
const PAGE: u32 = 500;

#[tokio::test]
#[ignore = "it writes: cargo xtask freeze"]
async fn this_release() {
    let release = folder().join(concat!("v", env!("CARGO_PKG_VERSION")));
    assert!(
        !release.exists(),
        "{} is there; what was released stays as it is. Was it not released yet? Remove it first",
        release.display()
    );
    let data = tempfile::tempdir().expect("a folder");
    let scenarios = tests::scenarios();
    let mut play = Command::new(tests::program());
    play.arg("rehearse").args(&scenarios).arg("--data").arg(data.path());
    assert!(
        play.status().expect("the program runs").success(),
        "a rehearsal did not go as written"
    );

    let mut machines: BTreeMap<String, Vec<Vec<Recorded>>> = BTreeMap::new();
    for scenario in &scenarios {
        let stage = data.path().join(scenario.file_stem().expect("a name"));
        for service in vinhdanh::client::SERVICES {
            let location = Location::Directory(stage.clone());
            let store = journal::open(&location, service, &[]).await.expect("a store");
            gather(store.as_ref(), &mut machines).await;
            store.close().await;
        }
    }
    fs::create_dir_all(&release).expect("a folder");
    for (machine, histories) in machines {
        keep(&release, &machine, histories);
    }
}

async fn gather(store: &dyn Store, machines: &mut BTreeMap<String, Vec<Vec<Recorded>>>) {
    let mut after = None;
    loop {
        let keys = store.keys(after.as_ref(), PAGE).await.expect("keys");
        let Some(last) = keys.last().cloned() else { return };
        for key in keys {
            let rows = host::admin::history(store, &key).await.expect("a history");
            machines.entry(key.kind).or_default().push(rows);
        }
        after = Some(last);
    }
}

fn keep(release: &Path, machine: &str, histories: Vec<Vec<Recorded>>) {
    fs::write(release.join(format!("{machine}.jsonl")), write(&fewest(histories))).expect("a file");
}

/// The smallest that show something new each, without those whose every step others show as well.
fn fewest(mut histories: Vec<Vec<Recorded>>) -> Vec<Vec<Recorded>> {
    histories.sort_by_cached_key(|rows| rows.iter().map(|row| row.input.len()).sum::<usize>());
    let mut shown: BTreeMap<_, usize> = BTreeMap::new();
    histories.retain(|rows| {
        let steps = steps(rows);
        let is_new = steps.iter().any(|step| !shown.contains_key(step));
        if is_new {
            for step in steps {
                *shown.entry(step).or_default() += 1;
            }
        }
        is_new
    });
    histories.retain(|rows| {
        let steps = steps(rows);
        let is_needed = steps.iter().any(|step| shown[step] == 1);
        if !is_needed {
            for step in &steps {
                *shown.get_mut(step).expect("it is shown") -= 1;
            }
        }
        is_needed
    });
    histories
}

/// The steps of a history: state, input, next state.
fn steps(rows: &[Recorded]) -> BTreeSet<(String, String, String)> {
    let states = std::iter::once("").chain(rows.iter().map(|row| row.state.as_str()));
    let steps = states.zip(rows).map(|(state, row)| {
        let input: serde_json::Value = serde_json::from_slice(&row.input).expect("inputs are JSON");
        (state.to_owned(), variant_name(&input), row.state.clone())
    });
    steps.collect()
}

#[test]
fn the_fewest_show_every_step() {
    let history = |inputs: &str| -> Vec<Recorded> {
        let rows = inputs.chars().zip(1..).map(|(input, version)| Recorded {
            version,
            machine_version: 1,
            input: format!(r#"{{"input":"{input}"}}"#).into_bytes(),
            by: Actor::default(),
            at: Timestamp(0),
            state: input.to_string(),
            outcome: [0; 16],
        });
        rows.collect()
    };
    let all = ["a", "ab", "ac", "abd", "ab"].map(history).into();
    let kept: Vec<String> = fewest(all)
        .iter()
        .map(|rows| rows.iter().map(|row| row.state.as_str()).collect())
        .collect();
    assert_eq!(kept, ["ac", "abd"]);
}
