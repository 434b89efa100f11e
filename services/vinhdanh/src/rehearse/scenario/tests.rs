use std::collections::BTreeSet;

use super::*;
use crate::rehearse::{
    expect::Expect,
    span::When,
    values::{Answer, Members},
};

const HEAD: &str = "scenario: vinhdanh.scenario/1\ntitle: T\nclock: 2025-09-15T08:00:00+07:00\nsteps:\n";

fn parse(steps: &str) -> Result<Scenario, String> {
    Scenario::parse(Path::new("case.yaml"), &format!("{HEAD}{steps}")).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(steps: &str, words: &[&str]) {
    let message = parse(steps).expect_err("this is no scenario");
    for word in words.iter().chain(&["case.yaml: "]) {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
}

fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios")
}

fn of_the_project() -> Vec<(PathBuf, Scenario)> {
    let entries = std::fs::read_dir(scenarios())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .filter(|file| file.extension().is_some_and(|extension| extension == "yaml"))
        .map(|file| {
            let scenario = Scenario::read(&file).unwrap_or_else(|error| panic!("{error}"));
            (file, scenario)
        })
        .collect()
}

#[test]
fn every_scenario_of_the_project_is_one() {
    let all = of_the_project();
    for (file, scenario) in &all {
        assert!(scenario.steps.len() > 3, "{}", file.display());
    }
    assert!(all.len() >= 15);
}

/// Whoever may do something may not do everything. Everybody may subscribe, and hears what is theirs.
#[test]
fn of_every_act_there_is_one_that_is_refused() {
    let (mut acts, mut refused) = (BTreeSet::new(), BTreeSet::from(["subscribe"]));
    for step in of_the_project().into_iter().flat_map(|(_, scenario)| scenario.steps) {
        // The rest is no official's act.
        if step.verb.needs_actor() || matches!(step.verb, Verb::Vote(_)) {
            acts.insert(step.verb.word());
            refused.extend(step.refused.map(|_| step.verb.word()));
        }
    }
    assert!(acts.len() > 35, "{acts:?}");
    assert_eq!(acts, refused);
}

#[test]
fn a_vote_is_read_with_yes_and_no_as_plain_keys() {
    let text = std::fs::read_to_string(scenarios().join("labour-order-to-the-president.yaml")).unwrap();
    let scenario = Scenario::parse(Path::new("x.yaml"), &text).unwrap();
    let Verb::Vote(vote) = &scenario.steps[6].verb else {
        panic!("{:?}", scenario.steps[6])
    };
    assert_eq!((vote.yes.len(), vote.no.len(), vote.blank.len()), (6, 0, 0));
    let Verb::Expect(Expect::Dossier(expected)) = &scenario.steps[21].verb else {
        panic!("{:?}", scenario.steps[21])
    };
    let counts = expected.vote.as_ref().unwrap();
    assert_eq!(
        (counts.yes, counts.no, counts.base, counts.passed),
        (Some(8), Some(0), Some(9), Some(true))
    );
    assert_eq!(scenario.steps[9].refused.as_deref(), Some("PERMISSION_DENIED"));
    assert_eq!(
        scenario.steps[9].actor.as_ref().unwrap().subject(),
        "clerk@so-noi-vu-hung-yen"
    );
}

#[test]
fn values_are_read_as_they_are_meant() {
    let scenario = parse(
        "- receiver: {id: W, answers: [500, timeout, 204]}\n\
         - advance: 10 working days\n\
         - convene: {session: S, council: x, members: [m1, B], agenda: [A]}\n  as: b=officer@x\n\
         - sign: {dossiers: [1], letter: 12}\n  as: leader@x\n\
         - expect: {delivery: {subscription: W, count: 1}, facts: [dossier.awarded]}\n\
         - restart: [intake, council]\n",
    )
    .unwrap();
    let Verb::Receiver(receiver) = &scenario.steps[0].verb else {
        panic!()
    };
    assert_eq!(
        receiver.answers,
        [Answer::Status(500), Answer::Timeout, Answer::Status(204)]
    );
    assert!(matches!(scenario.steps[1].verb, Verb::Advance(When::WorkingDays(10))));
    let Verb::Convene(convene) = &scenario.steps[2].verb else {
        panic!()
    };
    assert_eq!(convene.members.as_ref().unwrap().names(), ["m1", "B"]);
    assert_eq!(Members::Count(2).names(), ["m1", "m2"]);
    assert_eq!(scenario.steps[2].actor.as_ref().unwrap().to_string(), "b=officer@x");
    let Verb::Sign(sign) = &scenario.steps[3].verb else {
        panic!()
    };
    assert_eq!(sign.letter, "12");
    let Verb::Expect(Expect::Delivery(delivery)) = &scenario.steps[4].verb else {
        panic!()
    };
    assert_eq!(delivery.facts, ["dossier.awarded"]);
}

#[test]
fn an_unknown_word_is_told_with_step_and_line() {
    refused(
        "- advance: 1 days\n- forward: {dossiers: [A]}\n",
        &["step 2", "`forward` is no verb", "line 6"],
    );
    refused(
        "- receive: {dossiers: [A], by: me}\n  as: officer@x\n",
        &["step 1", "unknown field `by`", "line 5"],
    );
    refused(
        "- receive: {dossiers: [A]}\n  who: officer@x\n",
        &["step 1", "two verbs in one step, `receive` and `who`"],
    );
    refused(
        "- restart: [intake, letters]\n",
        &["step 1", "no service is called letters"],
    );
    refused(
        "- expect: {dossier: A, colour: red}\n",
        &["step 1", "unknown field `colour`"],
    );
    refused(
        "- expect: {dossier: A, status: lost}\n",
        &["step 1", "status: `lost` is none of drafting"],
    );
}

#[test]
fn a_step_has_one_verb_and_an_actor_where_somebody_acts() {
    refused(
        "- receive: {dossiers: [A]}\n  sign: {dossiers: [A], letter: 1}\n  as: officer@x\n",
        &["step 1", "two verbs"],
    );
    refused("- note: nothing\n", &["step 1", "a step without a verb"]);
    refused(
        "- receive: {dossiers: [A]}\n",
        &["step 1", "`receive` needs `as: ROLE@AGENCY`", "line 5"],
    );
    refused(
        "- receive: {dossiers: []}\n  as: officer@x\n",
        &["step 1", "an empty list"],
    );
    refused(
        "- expect: {audit: verifies}\n  refused: NOT_FOUND\n",
        &["step 1", "nobody can refuse it"],
    );
    refused(
        "- vote: {session: S, dossier: A, yes: [m1]}\n  refused: no quorum\n",
        &["step 1", "write a code"],
    );
}

#[test]
fn an_actor_is_a_role_at_an_agency() {
    refused(
        "- receive: {dossiers: [A]}\n  as: officer\n",
        &["step 1", "does not say who acts"],
    );
    refused(
        "- receive: {dossiers: [A]}\n  as: boss@x\n",
        &["step 1", "unknown role `boss`"],
    );
    refused(
        "- receive: {dossiers: [A]}\n  as: =officer@x\n",
        &["step 1", "does not say who acts"],
    );
    refused(
        "- receive: {dossiers: [A]}\n  as: service@x\n",
        &["step 1", "a service is no person"],
    );
}

#[test]
fn what_this_version_does_not_play_is_told_before_anything_starts() {
    refused(
        "- subscribe: {id: W, channel: pigeon}\n  as: subscriber@x\n",
        &["step 1", "unknown variant `pigeon`"],
    );
    refused(
        "- delegate: {to: a, acts: [sign]}\n  as: leader@x\n",
        &["step 1", "missing field `from`"],
    );
}

#[test]
fn ids_hold_from_a_submission_on() {
    let submit = |what: &str| format!("- submit: {{{what}}}\n  as: clerk@x\n");
    let first = submit("id: A, dossier: a.json");
    refused(&submit("id: A"), &["step 1: A was never submitted"]);
    refused(&format!("{first}{first}"), &["step 2: A is in use"]);
    refused(
        &submit("id: A, dossiers: [{id: B, dossier: b.json}]"),
        &["step 1", "either `id` and `dossier`"],
    );
    refused(&submit("dossiers: []"), &["step 1", "either `id` and `dossier`"]);
    let freed = first.replace("as: clerk@x", "as: clerk@x\n  refused: AGENCY_CLOSED");
    assert!(parse(&format!("{freed}{first}{}", submit("id: A"))).is_ok());
}

#[test]
fn an_expectation_is_about_one_thing() {
    refused("- expect: {}\n", &["step 1", "`expect` says nothing"]);
    refused("- expect: {dossier: A}\n", &["step 1", "says nothing of it"]);
    refused("- expect: {status: awarded}\n", &["step 1", "of which `dossier`?"]);
    refused("- expect: {verdict: eligible}\n", &["step 1: no `check` came before"]);
    refused(
        "- expect: {audit: verifies, replay: identical}\n",
        &["step 1", "one thing a step"],
    );
    refused(
        "- expect: {audit: maybe}\n",
        &["step 1", "audit: `maybe` is none of verifies"],
    );
    refused(
        "- expect: {facts: [dossier.awarded]}\n",
        &["step 1", "`facts` go with a `delivery`"],
    );
    assert!(parse("- check: a.json\n- expect: {verdict: eligible, unmet: [rating]}\n").is_ok());
    assert!(parse("- check: {dossier: a.json}\n- expect: {rule_set: law-2022}\n").is_ok());
}

#[test]
fn a_file_says_which_format_and_which_day() {
    let read = |text: &str| Scenario::parse(Path::new("x.yaml"), text).unwrap_err().to_string();
    assert!(
        read("scenario: vinhdanh.scenario/9\ntitle: T\nclock: 2025-09-15T08:00:00+07:00\nsteps: []\n").contains("/9")
    );
    assert!(read("scenario: vinhdanh.scenario/1\ntitle: T\nclock: today\nsteps: []\n").contains("clock: today"));
    assert!(read("scenario: vinhdanh.scenario/1\ntitle: T\nsteps: []\n").contains("missing field `clock`"));
    assert!(read("just text").contains("x.yaml"));
    assert!(
        Scenario::read(Path::new("/nowhere/x.yaml"))
            .unwrap_err()
            .to_string()
            .contains("cannot be read")
    );
}

#[test]
fn a_dossier_file_that_is_not_there_is_told_with_its_step() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.yaml");
    std::fs::write(
        &file,
        format!("{HEAD}- submit: {{id: A, dossier: a.json}}\n  as: clerk@x\n"),
    )
    .unwrap();
    let message = Scenario::read(&file).unwrap_err().to_string();
    assert!(
        message.contains("step 1: dossier file a.json: cannot read"),
        "{message}"
    );
}
