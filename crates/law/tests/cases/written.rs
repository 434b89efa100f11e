//! Files of dossiers: bad ones are told by field and reason, good ones are written as they were read.

use law::{DossierFile, Law};
use serde_json::{Value, json};

use crate::{advanced_worker, agencies, parse, person, reasons};

#[test]
fn bad_files_are_named_by_field_and_reason() {
    assert_eq!(DossierFile::parse("{").unwrap_err()[0].reason, "MALFORMED_FILE");
    assert_eq!(DossierFile::parse("").unwrap_err()[0].reason, "MALFORMED_FILE");
    assert_eq!(DossierFile::parse("[1]").unwrap_err()[0].reason, "MALFORMED_FILE");
    let good = person("giay-khen-don-vi", "so-noi-vu-hung-yen", "2025-09-15");
    assert!(reasons(&good).is_empty());
    let with = |change: &dyn Fn(&mut Value)| {
        let mut value = good.clone();
        change(&mut value);
        reasons(&value)
    };
    assert_eq!(
        with(&|v| v["letter"] = json!(["1/TTr", "2025-09-15"])),
        ["MALFORMED_FILE"]
    );
    assert_eq!(with(&|v| v["award"] = json!("huan-chuong-x")), ["UNKNOWN_AWARD"]);
    assert_eq!(
        with(&|v| v["candidate"]["agency"] = json!("nowhere")),
        ["UNKNOWN_AGENCY"]
    );
    assert_eq!(
        with(&|v| v["candidate"]["name"] = json!("Nguye\u{302}\u{303}n")),
        ["TEXT_NOT_NFC"]
    );
    assert_eq!(
        with(&|v| v["candidate"]["name"] = json!("a\u{0}b")),
        ["CONTROL_CHARACTER"]
    );
    assert_eq!(with(&|v| v["candidate"]["name"] = json!(" ")), ["EMPTY_TEXT"]);
    assert_eq!(with(&|v| v["letter"]["date"] = json!("2026-11-23")), ["DATE_IN_FUTURE"]);
    assert_eq!(with(&|v| v["letter"]["date"] = json!("2025-02-30")), ["MALFORMED_FILE"]);
    assert_eq!(
        with(&|v| v["achievement"]["from"] = json!("2025-12-31")),
        ["DATES_INVERTED"]
    );
    assert_eq!(with(&|v| v["surprise"] = json!(1)), ["UNKNOWN_FIELD"]);
    assert_eq!(
        with(&|v| v["schema"] = json!("vinhdanh.dossier/2")),
        ["UNSUPPORTED_SCHEMA"]
    );
    assert_eq!(
        with(&|v| v["declared"] = json!([{"criterion": "x", "text": ""}])),
        ["UNKNOWN_CRITERION"]
    );
    assert_eq!(with(&|v| v["documents"] = json!([{"kind": "x"}])), ["UNKNOWN_DOCUMENT"]);
    assert_eq!(
        with(&|v| v["documents"] = json!([{"kind": "to-trinh", "file": "../x"}])),
        ["BAD_PATH"]
    );
    assert_eq!(
        with(&|v| v["record"] = json!({"ratings": [{"year": 2020, "rating": "tot"}]})),
        ["UNKNOWN_RATING"]
    );
    assert_eq!(
        with(&|v| {
            v.as_object_mut().unwrap().remove("letter");
        }),
        ["MISSING_FIELD"]
    );
}

#[test]
fn a_file_is_written_as_it_was_read() {
    let dossier = parse(&advanced_worker("2024-01-10"));
    let written = serde_json::to_string(&dossier).unwrap();
    assert_eq!(DossierFile::parse(&written).unwrap(), dossier);
}

#[test]
fn a_problem_quotes_no_more_of_the_file_than_people_read() {
    let mut value = person("chien-si-thi-dua-co-so", "so-noi-vu-hung-yen", "2025-09-15");
    value["record"] = json!({"awards": [{"award": "à".repeat(100_000), "year": 2024}]});
    let problems = Law::embedded().check(&parse(&value), agencies(), None).unwrap_err();
    assert_eq!(problems[0].path, "record.awards[0].award");
    assert!(
        problems
            .iter()
            .all(|problem| problem.vi.len() + problem.en.len() < 4_000)
    );
    value["letter"] = json!("x".repeat(100_000));
    let problems = DossierFile::parse(&value.to_string()).unwrap_err();
    assert!(
        problems
            .iter()
            .all(|problem| problem.vi.len() + problem.en.len() < 4_000)
    );
}
