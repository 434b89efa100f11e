//! The program: what it prints, and how it ends.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use crate::plant::Copy;

fn checker(folder: &Path, flags: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_checker"))
        .arg(folder)
        .args(flags)
        .output()
        .expect("the program runs")
}

#[tokio::test]
async fn it_says_clean_broken_or_unreadable() {
    let copy = Copy::new();
    let clean = checker(copy.path(), &[]);
    let text = String::from_utf8_lossy(&clean.stdout).into_owned();
    assert_eq!(clean.status.code(), Some(0), "{text}");
    assert!(text.contains("sạch") && text.contains("clean"), "{text}");

    copy.sql("intake", &[crate::defects::UNANSWER]);
    let broken = checker(copy.path(), &["--json"]);
    assert_eq!(broken.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&broken.stdout).expect("JSON");
    assert_eq!(report["violations"][0]["invariant"], "I1");
    assert!(report["looked"]["rows"].as_u64() > Some(0));
    let told = checker(copy.path(), &[]);
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(text.contains("bị phá vỡ / broken: I1"), "{text}");

    // Nothing was acknowledged: that is no clean run.
    fs::write(copy.path().join("clients.jsonl"), "").expect("emptied");
    let empty = checker(copy.path(), &[]);
    let text = String::from_utf8_lossy(&empty.stderr).into_owned();
    assert_eq!(empty.status.code(), Some(2), "{text}");
    assert!(text.contains("--allow-empty"), "{text}");

    fs::remove_file(copy.path().join("data/council.db")).expect("removed");
    let missing = checker(copy.path(), &["--allow-empty"]);
    assert_eq!(missing.status.code(), Some(2));
}
