//! The rehearsals of `tests/scenarios`, played by the binary: embedded, and on PostgreSQL and NATS with a process a
//! service.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tests::{here, program, scenarios};

fn rehearse(files: &[PathBuf], more: &[&str]) -> Output {
    Command::new(program())
        .arg("rehearse")
        .args(files)
        .args(more)
        .output()
        .expect("the program runs")
}

#[track_caller]
fn went_as_written(output: &Output) {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
}

#[test]
fn all_go_as_written_embedded() {
    went_as_written(&rehearse(&scenarios(), &[]));
}

fn on_postgres_and_nats(name: &str) {
    let data = tempfile::tempdir().expect("a folder");
    let database = testkit::Postgres::shared().fresh_database();
    let nats = testkit::Nats::shared().url();
    let file = here().join("scenarios").join(format!("{name}.yaml"));
    let data = data.path().to_str().expect("a plain path");
    let more = [
        "--process-per-service",
        "--database",
        &database,
        "--nats",
        &nats,
        "--data",
        data,
    ];
    let output = rehearse(&[file], &more);
    if !output.status.success() {
        logs(Path::new(data));
    }
    went_as_written(&output);
}

/// What the services wrote, for whoever reads a failure.
fn logs(data: &Path) {
    for entry in std::fs::read_dir(data).into_iter().flatten().flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "log") {
            let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
            eprintln!("--- {}\n{text}", entry.path().display());
        }
    }
}

macro_rules! played_with_a_process_a_service {
    ($($test:ident: $name:literal)*) => {$(
        #[test]
        fn $test() {
            on_postgres_and_nats($name);
        }
    )*};
}

played_with_a_process_a_service! {
    the_labour_order_goes_to_the_president: "labour-order-to-the-president"
    eight_of_ten_is_not_ninety_percent: "eight-of-ten-is-not-ninety-percent"
    email_is_sent_again: "notification-email-retries"
    a_failed_vote_leads_to_a_lower_award: "failed-vote-lower-award"
    a_council_meets_by_its_own_regulation: "council-by-its-own-regulation"
    a_session_that_is_called_off_frees_its_agenda: "session-cancelled-frees-its-agenda"
    a_bulk_act_goes_dossier_by_dossier: "bulk-act-each-by-its-own-rules"
    a_successor_takes_over_under_both_names: "agency-merged-on-the-way"
    a_candidate_moves_and_dies_on_the_way: "candidate-moves-and-dies"
    consultation_waits_for_no_silence: "consultation-and-silence"
    what_is_halted_goes_on_exactly: "suspend-and-resume-exactly"
    a_substitute_acts_by_dates: "delegation-by-dates"
    an_award_is_revoked_and_restored: "corrected-revoked-restored"
    numbers_are_drawn_without_gaps: "numbers-drawn"
    a_signed_comment_halts: "signed-comment-halts"
    a_dossier_is_sent_back_to_an_earlier_level: "sent-back-to-an-earlier-level"
    a_decision_is_made_public_and_handed_over: "decision-published-and-presented"
    an_award_of_paper_times_is_entered_and_amended: "paper-award-recorded-and-amended"
    limits_stop_and_go_on: "stops-of-the-clock"
    what_is_late_is_told_upwards: "late-is-told-upwards"
    tasks_are_assigned_and_claimed: "tasks-assigned-and-claimed"
    who_has_an_interest_does_not_vote: "who-does-not-vote"
}

#[test]
fn the_table_names_every_rehearsal_and_no_other_and_marks_those_played_on_servers() {
    let folder = here().join("scenarios");
    let table = std::fs::read_to_string(folder.join("README.md")).expect("the table");
    let here = std::fs::read_to_string(here().join("tests/rehearsals.rs")).expect("this file");
    let rows = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").nth(1));
    let mut found = std::collections::BTreeSet::new();
    for name in rows
        .flat_map(|row| row.split(", "))
        .filter(|name| *name != "rehearsals")
    {
        let (name, marked) = name.strip_suffix(" ●").map_or((name, false), |name| (name, true));
        let played = here.contains(&format!(": \"{name}\""));
        assert_eq!(marked, played, "{name}: the mark and the tests differ");
        found.insert(folder.join(format!("{name}.yaml")));
    }
    let all: std::collections::BTreeSet<PathBuf> = scenarios().into_iter().collect();
    assert_eq!(found, all);
}

#[test]
fn what_is_no_scenario_ends_with_two() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bad.yaml");
    for text in [
        "nonsense: [",
        "scenario: vinhdanh.scenario/1\ntitle: t\nclock: 2025-09-15T08:00:00+07:00\nsteps:\n  - dance: {id: A}\n",
        "scenario: vinhdanh.scenario/9\ntitle: t\nclock: 2025-09-15T08:00:00+07:00\nsteps: []\n",
    ] {
        std::fs::write(&file, text).expect("a file");
        assert_eq!(
            rehearse(std::slice::from_ref(&file), &[]).status.code(),
            Some(2),
            "{text}"
        );
    }
}
