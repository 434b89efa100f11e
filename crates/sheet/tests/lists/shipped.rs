//! The lists that are shipped: two long ones that are good, two with planted errors.

use std::path::Path;

use law::Law;
use serde_json::Value;
use sheet::{Common, List, Report};

use crate::{constructed, read};

#[test]
fn the_shipped_lists_are_the_constructed_ones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/lists");
    for (name, wanted) in constructed::all() {
        let shipped = std::fs::read(folder.join(name)).expect("a list");
        assert!(
            shipped == wanted,
            "{name}: run `cargo run -p sheet --example constructed -- tests/lists`"
        );
    }
}

#[test]
fn two_thousand_rows_read_without_an_error() {
    for (name, content) in constructed::all().into_iter().take(2) {
        let list = read(&content, &Common::default()).expect(name);
        assert_eq!(
            (list.rows.len(), list.flaws.as_slice()),
            (2_000, [].as_slice()),
            "{name}"
        );
        for row in &list.rows {
            assert_eq!(row.flaws, [], "{name} {}", row.at);
            assert!(row.check.is_some(), "{name} {}", row.at);
        }
        assert_eq!(list.unread, [], "{name}");
        assert!(!list.skipped.is_empty(), "sums and notes are told");
    }
}

#[test]
fn planted_errors_and_duplicates_are_found_and_nothing_else() {
    let lists: Vec<List> = constructed::all()
        .into_iter()
        .skip(2)
        .map(|(name, content)| {
            let mut list = read(&content, &Common::default()).expect(name);
            name.clone_into(&mut list.file);
            list
        })
        .collect();
    let report = Report::new(&lists, Law::embedded(), true);
    insta::assert_snapshot!(told_of(&report));
    // The report is a list that spreadsheet programs open.
    assert!(report.to_xlsx().expect("a workbook").starts_with(b"PK"));
    let text = String::from_utf8(report.to_csv()).expect("UTF-8");
    assert_eq!(text.matches("Mẫu Hai Tuyến").count(), 2);
}

/// The report, but for what the law says of a nominee: the snapshot is of how lists are read.
fn told_of(report: &Report) -> String {
    let mut told = serde_json::to_value(report).expect("JSON");
    let without = |of: &mut Value, keys: &[&str]| {
        let of = of.as_object_mut().expect("an object");
        of.retain(|key, _| !keys.contains(&key.as_str()));
    };
    without(&mut told["totals"], &["verdicts"]);
    for file in told["files"].as_array_mut().expect("files") {
        without(file, &["sha256"]);
    }
    for row in told["rows"].as_array_mut().expect("rows") {
        without(row, &["verdict", "deciding_agency", "unmet", "missing"]);
    }
    format!("{told:#}")
}
