//! The main job: the demo ends as expected, also when it was killed in the middle and started again.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use tests::program;

fn summary(output: &[u8]) -> Value {
    let text = String::from_utf8_lossy(output);
    let last = text.lines().last().unwrap_or_default();
    let value: Value = serde_json::from_str(last).unwrap_or_else(|e| panic!("{e}: {text}"));
    value["summary"].clone()
}

fn demo(data: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.arg("demo").arg("--json").arg("--data").arg(data).args(more);
    command
}

#[track_caller]
fn as_expected(summary: &Value) {
    assert_eq!(summary["dossiers"], 12, "{summary}");
    assert_eq!(summary["as_expected"], 12, "{summary}");
    assert_eq!(summary["audit_verified"], true, "{summary}");
    assert_eq!(summary["replay_identical"], true, "{summary}");
}

#[track_caller]
fn run(mut command: Command) -> Value {
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    summary(&output.stdout)
}

#[test]
fn all_samples_end_as_their_law_and_verdict_take_them() {
    let data = tempfile::tempdir().expect("a folder");
    let summary = run(demo(data.path(), &[]));
    as_expected(&summary);
    assert_eq!(summary["on_hold"], 1, "{summary}");
    assert_eq!(summary["refused"], 1, "{summary}");
    assert_eq!(summary["awarded"], 10, "{summary}");
}

#[test]
fn killed_in_the_middle_it_finishes_the_rest_with_nothing_lost_or_doubled() {
    let whole = tempfile::tempdir().expect("a folder");
    let undisturbed = run(demo(whole.path(), &[]));
    let data = tempfile::tempdir().expect("a folder");
    for lines in [12, 40] {
        let mut child = demo(data.path(), &[])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let out = BufReader::new(child.stdout.take().expect("its story"));
        let told = out.lines().take(lines).count();
        child.kill().expect("SIGKILL");
        child.wait().expect("it is gone");
        assert_eq!(told, lines, "killed in the middle, not at the end");
    }
    let finished = run(demo(data.path(), &[]));
    as_expected(&finished);
    for figure in ["awarded", "refused", "on_hold", "deliveries", "transitions"] {
        assert_eq!(finished[figure], undisturbed[figure], "{figure}");
    }
}

#[test]
fn the_very_same_on_postgres_and_nats() {
    let data = tempfile::tempdir().expect("a folder");
    let database = testkit::Postgres::shared().fresh_database();
    let nats = testkit::Nats::shared().url();
    as_expected(&run(demo(data.path(), &["--database", &database, "--nats", &nats])));
}
