//! Every sample dossier comes out as its `.expect.json` says.

use std::{collections::BTreeMap, path::PathBuf};

use law::{Agencies, DossierFile, Law};
use serde_json::Value;

fn samples() -> BTreeMap<String, PathBuf> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples");
    let files = std::fs::read_dir(&dir).unwrap().map(|file| file.unwrap().path());
    let expected = files.filter_map(|path| {
        let name = path.file_name()?.to_str()?.strip_suffix(".expect.json")?.to_owned();
        Some((name, path.clone()))
    });
    expected.collect()
}

fn list(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item.as_str().unwrap())
        .collect()
}

#[test]
fn every_sample_comes_out_as_expected() {
    let agencies = Agencies::embedded();
    let mut wrong = Vec::new();
    let samples = samples();
    assert!(samples.len() >= 12, "the samples are gone");
    for (name, expected) in samples {
        let file = expected.with_file_name(format!("{name}.json"));
        let dossier = DossierFile::parse(&std::fs::read_to_string(file).unwrap()).unwrap();
        let expected: Value = serde_json::from_str(&std::fs::read_to_string(expected).unwrap()).unwrap();
        let check = Law::embedded().check(&dossier, &agencies, None);
        let got = serde_json::to_value(check.unwrap_or_else(|problems| panic!("{name}: {problems:?}"))).unwrap();
        for (field, value) in expected.as_object().unwrap() {
            let fits = match field.as_str() {
                "unmet" | "missing" => list(value).iter().all(|item| list(&got[field]).contains(item)),
                _ => &got[field] == value,
            };
            if !fits {
                wrong.push(format!("{name}: {field} is {}, expected {value}", got[field]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
