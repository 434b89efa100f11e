//! The arrows of the house point down only: in the manifests (what is not there cannot be used), and in the `use`
//! lines of machines, which see nothing outside. In read models there are none.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Which house crates each crate may name. What is not here may name none.
const MAY_USE: &[(&str, &[&str])] = &[
    ("proto", &[]),
    ("law", &[]),
    ("machine", &[]),
    ("access", &[]),
    ("telemetry", &[]),
    ("testkit", &[]),
    ("mishap", &[]),
    ("sheet", &["law"]),
    ("journal", &["mishap", "machine", "law", "proto"]),
    ("bus", &["machine", "law", "proto"]),
    (
        "host",
        &[
            "journal",
            "bus",
            "access",
            "telemetry",
            "mishap",
            "machine",
            "law",
            "proto",
        ],
    ),
    ("intake", SERVICE),
    ("approval", SERVICE),
    ("council", SERVICE),
    ("notification", SERVICE),
    ("directory", SERVICE),
];

const SERVICE: &[&str] = &[
    "host",
    "journal",
    "bus",
    "access",
    "telemetry",
    "mishap",
    "machine",
    "law",
    "proto",
];

/// Crates that reach outside: no machine may see them. `access` has the words for who acts; what it decides is handed to
/// machines as a value.
const OUTSIDE: &[&str] = &[
    "tokio",
    "tonic",
    "sqlx",
    "async_nats",
    "hyper",
    "journal",
    "bus",
    "host",
    "telemetry",
    "std::fs",
    "std::net",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests stand in the workspace")
        .to_owned()
}

/// Crate name → (folder, names of its normal dependencies).
fn manifests() -> BTreeMap<String, (PathBuf, BTreeSet<String>)> {
    let mut all = BTreeMap::new();
    for folder in ["proto", "crates", "services"] {
        let base = root().join(folder);
        let mut folders = vec![base.clone()];
        folders.extend(
            fs::read_dir(&base)
                .expect("a folder")
                .map(|entry| entry.expect("an entry").path()),
        );
        for folder in folders {
            let Ok(text) = fs::read_to_string(folder.join("Cargo.toml")) else {
                continue;
            };
            let manifest: toml::Table = text.parse().expect("a manifest");
            let name = manifest["package"]["name"].as_str().expect("a name").to_owned();
            let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
            let names = dependencies.into_iter().flat_map(toml::Table::keys).cloned().collect();
            all.insert(name, (folder, names));
        }
    }
    all
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn manifests_point_down_only() {
    let manifests = manifests();
    let house: BTreeSet<&String> = manifests.keys().collect();
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    for (name, (_, dependencies)) in &manifests {
        if name == "vinhdanh" {
            continue;
        }
        let may = allowed
            .get(name.as_str())
            .unwrap_or_else(|| panic!("{name} is not in the table of arrows"));
        for dependency in dependencies.iter().filter(|dependency| house.contains(dependency)) {
            assert!(
                may.contains(&dependency.as_str()),
                "{name} must not depend on {dependency}"
            );
        }
    }
}

#[test]
fn machines_see_nothing_outside() {
    for (name, (folder, _)) in manifests() {
        let mut files = Vec::new();
        match name.as_str() {
            "law" | "machine" => sources(&folder.join("src"), &mut files),
            _ => {
                files.push(folder.join("src/machine.rs"));
                sources(&folder.join("src/machine"), &mut files);
            }
        }
        let written = files
            .into_iter()
            .filter(|file| file.exists() && !file.ends_with("tests.rs"));
        for file in written {
            let text = fs::read_to_string(&file).expect("a source");
            for line in text
                .lines()
                .map(str::trim_start)
                .filter(|line| line.starts_with("use "))
            {
                for outside in OUTSIDE {
                    let loads_its_data = name == "law" && *outside == "std::fs";
                    let named = line.starts_with(&format!("use {outside}::")) || line == format!("use {outside};");
                    assert!(!named || loads_its_data, "{}: {line}", file.display());
                }
            }
        }
    }
}

/// The stores may write rows of different tables, and of different keys, in another order than they were asked to.
#[test]
fn no_table_of_a_read_model_points_at_another() {
    let mut seen = 0;
    for store in ["sqlite", "postgres"] {
        for service in ["intake", "approval", "council", "notification", "directory"] {
            let folder = root().join("migrations").join(store).join(service);
            for file in fs::read_dir(&folder).expect("a service's migrations") {
                let file = file.expect("a migration").path();
                let text = fs::read_to_string(&file).expect("SQL").to_uppercase();
                for word in ["TRIGGER", "REFERENCES"] {
                    assert!(!text.contains(word), "{}: {word}", file.display());
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen} migrations");
}
