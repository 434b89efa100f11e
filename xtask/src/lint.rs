//! `cargo xtask lint`: what is checked besides the tests.

use std::collections::{BTreeMap, BTreeSet};

use crate::run::{Outcome, cargo, read, run};

/// TLS is ring everywhere. These build a second library in C, and two in one program panic at run time.
const BANNED: [&str; 5] = ["aws-lc-rs", "aws-lc-sys", "native-tls", "openssl", "openssl-sys"];

/// Their types cross the borders of crates: with two versions, things stop fitting together, or fit and do nothing.
const ONCE: [&str; 8] = [
    "http",
    "hyper",
    "opentelemetry",
    "prost",
    "rustls",
    "sqlx-core",
    "tonic",
    "tower",
];

pub fn lint() -> Outcome {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    let tree = read(cargo().args(["tree", "--workspace", "--prefix", "none", "--format", "{p}"]))?;
    let findings = findings(&tree);
    if !findings.is_empty() {
        return Err(findings.join("\n"));
    }
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

/// What is wrong with a tree whose lines are `name vVERSION …`.
fn findings(tree: &str) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in tree.lines() {
        if let [name, version, ..] = *line.split(' ').collect::<Vec<_>>() {
            versions.entry(name).or_default().insert(version);
        }
    }
    let found = |name: &str| versions.get(name).map_or(0, BTreeSet::len);
    let banned = BANNED.iter().filter(|name| found(name) > 0);
    let double = ONCE.iter().filter(|name| found(name) > 1);
    banned
        .map(|name| format!("{name} is in the tree, but TLS is ring everywhere: `cargo tree -i {name}` tells why"))
        .chain(double.map(|name| format!("more than one {name}: `cargo tree -d` tells why")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::findings;

    #[test]
    fn a_second_tonic_and_a_second_tls_library_are_found() {
        let tree = "a v0.1.0 (/a)\ntonic v0.14.9\n\ntonic v0.14.9 (*)\ntonic v0.13.0\nrand v0.8.0\nrand v0.9.0\naws-lc-sys v0.30.0\n";
        let found = findings(tree);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].starts_with("aws-lc-sys ") && found[1].starts_with("more than one tonic"),
            "{found:?}"
        );
    }

    #[test]
    fn other_crates_may_come_in_several_versions() {
        assert!(findings("tonic v0.14.9\nrand v0.8.0\nrand v0.9.0 (*)\n").is_empty());
    }
}
