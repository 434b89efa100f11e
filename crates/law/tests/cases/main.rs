//! Constructed dossiers: each verdict, the ways of many awards, bad input, and properties that always hold.

mod always;
mod lower;
mod verdicts;
mod ways;
mod written;

use std::sync::LazyLock;

use law::{Agencies, Check, Date, DossierFile, Law, Route};
use serde_json::{Value, json};

fn agencies() -> &'static Agencies {
    static AGENCIES: LazyLock<Agencies> = LazyLock::new(Agencies::embedded);
    &AGENCIES
}

fn parse(value: &Value) -> DossierFile {
    DossierFile::parse(&value.to_string()).unwrap()
}

fn check(value: &Value) -> Check {
    Law::embedded().check(&parse(value), agencies(), None).unwrap()
}

fn route(value: &Value) -> Route {
    let dossier = parse(value);
    let day = dossier.received_on.unwrap_or(dossier.letter.date);
    Law::embedded().route(&dossier, agencies(), day).unwrap()
}

fn reasons(value: &Value) -> Vec<&'static str> {
    match DossierFile::parse(&value.to_string()) {
        Err(problems) => problems.into_iter().map(|problem| problem.reason).collect(),
        Ok(dossier) => {
            let today = Date::from_calendar_date(2026, time::Month::November, 22).unwrap();
            let problems = Law::embedded().validate(&dossier, agencies(), today);
            problems.into_iter().map(|problem| problem.reason).collect()
        }
    }
}

/// A dossier of a person with the letter and the report, and nothing else to speak for it.
fn person(award: &str, agency: &str, letter: &str) -> Value {
    let year: i32 = letter[..4].parse().unwrap();
    json!({
        "schema": "vinhdanh.dossier/1",
        "award": award,
        "basis": "merit",
        "candidate": {"kind": "individual", "name": "N.V.A.", "agency": agency},
        "submitting_agency": agency,
        "letter": {"number": "1/TTr", "date": letter},
        "achievement": {"from": format!("{}-01-01", year - 1), "to": format!("{}-12-31", year - 1), "summary": "…"},
        "award_year": year - 1,
        "documents": [{"kind": "to-trinh"}, {"kind": "bao-cao-thanh-tich"}]
    })
}

fn collective(award: &str, agency: &str, letter: &str) -> Value {
    let mut value = person(award, agency, letter);
    value["candidate"]["kind"] = json!("collective");
    value["candidate"]["members"] = json!(20);
    value
}

fn ratings(from: i32, to: i32, rating: &str) -> Value {
    (from..=to)
        .map(|year| json!({"year": year, "rating": rating}))
        .collect()
}

fn held(award: &str, year: i32) -> Value {
    json!({"award": award, "year": year, "date": format!("{year}-12-20")})
}

fn advanced_worker(letter: &str) -> Value {
    let mut value = person("lao-dong-tien-tien", "so-noi-vu-hung-yen", letter);
    let year: i32 = letter[..4].parse().unwrap();
    value["record"] =
        json!({"hired_on": format!("{}-05-01", year - 1), "ratings": ratings(year - 1, year - 1, "hoan-thanh-tot")});
    value["declared"] = json!([{"criterion": "declared", "text": "Đạt."}]);
    value
}
