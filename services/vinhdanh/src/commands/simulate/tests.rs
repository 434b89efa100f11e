//! Constructed drafts that tighten one rule and loosen another.

use std::{fs, path::Path};

use law::{Agencies, DossierFile, Law};
use serde_json::{Value, json};

use super::{dossiers::Dossiers, group::Groups, outcome::Pair, told};

const ORDER: &str = include_str!("../../../../../tests/samples/hung-yen-2025-huan-chuong-lao-dong-hang-ba.json");
const SHORT: &str = include_str!("../../../../../tests/samples/hung-yen-2025-thieu-mot-chien-si-thi-dua.json");
const FIGHTER: &str = include_str!("../../../../../tests/samples/phuong-hoan-kiem-2025-chien-si-thi-dua-co-so.json");

/// The law of today with its file of awards changed: two emulation titles are enough for the order, instead of three;
/// and a grassroots title takes two initiatives, an excellent year alone no longer.
fn draft(dir: &Path) -> Law {
    let awards = Law::embedded()
        .written()
        .find(|(path, _)| *path == "decree-152-2025/awards.toml")
        .map(|(_, text)| text.to_owned())
        .expect("the file");
    let folder = dir.join("decree-152-2025");
    fs::create_dir(&folder).expect("a folder");
    let more = r#"
[[criteria]]
of_award = "huan-chuong-lao-dong-hang-ba"
path = "accumulate"
recipient = "individual"
type = "title-count"
award = "chien-si-thi-dua-co-so"
min = 2
within = "accumulate-window"
replaces = "path"
article = "draft 1"
confirmed = true

[[criteria]]
of_award = "chien-si-thi-dua-co-so"
path = "initiative"
recipient = "individual"
type = "initiative"
min = 2
scope = "grassroots"
replaces = "path"
article = "draft 2"
confirmed = true

[[drop]]
of_award = "chien-si-thi-dua-co-so"
path = "excellent"
article = "draft 2"
confirmed = true
"#;
    fs::write(folder.join("awards.toml"), awards + more).expect("a file");
    Law::load(dir).expect("a law")
}

fn dossier(text: &str, change: impl FnOnce(&mut Value)) -> DossierFile {
    let mut value: Value = serde_json::from_str(text).expect("JSON");
    change(&mut value);
    DossierFile::parse(&value.to_string()).expect("a dossier")
}

fn simulated(draft: &Law, dossiers: &[DossierFile]) -> (Groups, Vec<Value>) {
    let agencies = Agencies::embedded();
    let (mut groups, mut changed) = (Groups::default(), Vec::new());
    for (nth, dossier) in dossiers.iter().enumerate() {
        let pair = Pair::judge(Law::embedded(), draft, dossier, &agencies, None).expect("a verdict");
        groups.count(&pair);
        if pair.changed() {
            changed.push(pair.json(&nth.to_string()));
        }
    }
    (groups, changed)
}

fn past() -> Vec<DossierFile> {
    let woman = |value: &mut Value| value["candidate"]["sex"] = json!("female");
    let teacher = |value: &mut Value| {
        value["candidate"]["occupation"] = json!("teacher");
        value["candidate"]["direct_worker"] = json!(true);
        value["reference"] = json!("HK-1");
    };
    vec![
        dossier(ORDER, woman),
        dossier(SHORT, woman),
        dossier(SHORT, |value| value["candidate"]["sex"] = json!("male")),
        dossier(FIGHTER, teacher),
    ]
}

#[test]
fn a_looser_rule_gains_and_a_tighter_one_loses_by_group() {
    let dir = tempfile::tempdir().expect("a folder");
    let (groups, changed) = simulated(&draft(dir.path()), &past());
    let value = groups.json();
    assert_eq!(
        (&value["total"], &value["gains"], &value["loses"], &value["changed"]),
        (&json!(4), &json!(2), &json!(1), &json!(3)),
        "{value:#}"
    );
    let group = |kind: &str, code: &str| {
        let rows = value["by"][kind].as_array().expect("rows");
        let row = rows.iter().find(|row| row["group"] == code).expect("a group");
        (row["total"].clone(), row["gains"].clone(), row["loses"].clone())
    };
    let counts = |total, gains, loses| (json!(total), json!(gains), json!(loses));
    assert_eq!(group("sex", "female"), counts(2, 1, 0));
    assert_eq!(group("sex", "male"), counts(1, 1, 0));
    assert_eq!(group("sex", "not-stated"), counts(1, 0, 1));
    assert_eq!(group("occupation", "teacher"), counts(1, 0, 1));
    assert_eq!(group("occupation", "leader"), counts(3, 2, 0));
    assert_eq!(group("direct_worker", "yes"), counts(1, 0, 1));
    assert_eq!(group("level", "state"), counts(3, 2, 0));
    assert_eq!(group("agency", "tinh-hung-yen"), counts(3, 2, 0));
    assert_eq!(group("award", "chien-si-thi-dua-co-so"), counts(1, 0, 1));
    let turned = value["difference"].as_array().expect("codes");
    let title = turned
        .iter()
        .find(|row| row["code"] == "title-count")
        .expect("the looser one");
    assert_eq!((&title["no_longer_lacks"], &title["now_lacks"]), (&json!(2), &json!(0)));
    assert!(
        changed
            .iter()
            .any(|row| row["change"] == "loses" && row["reference"] == "HK-1")
    );
    let text = told::told(&value, &Agencies::embedded());
    assert!(
        text.contains("2 được lợi (gain), 1 bị thiệt (lose), 1 như cũ"),
        "{text}"
    );
    assert!(text.contains("2/3 (66,7 %)"), "{text}");
}

#[test]
fn no_name_of_a_candidate_leaves_the_dossier() {
    let dir = tempfile::tempdir().expect("a folder");
    let named = |text| dossier(text, |value| value["candidate"]["name"] = json!("Trần Thị Bé Ba"));
    let (groups, changed) = simulated(&draft(dir.path()), &[named(SHORT), named(FIGHTER)]);
    assert_eq!(changed.len(), 2);
    assert!(!format!("{}{changed:?}", groups.json()).contains("Bé Ba"));
}

#[test]
fn the_order_of_the_dossiers_changes_no_count() {
    let dir = tempfile::tempdir().expect("a folder");
    let draft = draft(dir.path());
    let mut dossiers = past();
    let forward = simulated(&draft, &dossiers).0.json();
    dossiers.reverse();
    assert_eq!(simulated(&draft, &dossiers).0.json(), forward);
}

#[test]
fn the_law_compared_with_itself_changes_nothing_and_one_set_for_all_judges_by_that_set() {
    let value = simulated(Law::embedded(), &past()).0.json();
    assert_eq!((&value["changed"], &value["total"]), (&json!(0), &json!(4)));
    let forced = Law::embedded().always("law-2022").expect("a rule set");
    let agencies = Agencies::embedded();
    for dossier in past() {
        let check = forced.check(&dossier, &agencies, None).expect("a verdict");
        assert_eq!(check.rule_set, "law-2022");
    }
    assert!(Law::embedded().always("law-1997").is_none());
}

#[test]
fn dossiers_come_from_files_folders_and_lines_and_a_bad_one_stops_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let line = |text: &str| serde_json::from_str::<Value>(text).expect("JSON").to_string();
    fs::write(dir.path().join("a.json"), ORDER).expect("a file");
    fs::write(dir.path().join("a.expect.json"), "{}").expect("a file");
    fs::write(
        dir.path().join("b.jsonl"),
        format!("{}\n\nno dossier\n{}\n", line(SHORT), line(FIGHTER)),
    )
    .expect("a file");
    fs::create_dir(dir.path().join("c")).expect("a folder");
    fs::write(dir.path().join("c/d.json"), FIGHTER).expect("a file");
    let found: Vec<(String, bool)> = Dossiers::of(&[dir.path().to_owned()])
        .expect("a folder")
        .map(|found| {
            let place = found
                .place
                .strip_prefix(&*dir.path().to_string_lossy())
                .expect("a place")
                .to_owned();
            (place, found.dossier.is_ok())
        })
        .collect();
    let expected = [
        ("/a.json", true),
        ("/b.jsonl:1", true),
        ("/b.jsonl:3", false),
        ("/b.jsonl:4", true),
        ("/c/d.json", true),
    ];
    assert_eq!(found, expected.map(|(place, good)| (place.to_owned(), good)));
    assert!(Dossiers::of(&[dir.path().join("none.json")]).is_err());
}
