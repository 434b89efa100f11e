//! Dossiers made for a purpose.

use std::sync::LazyLock;

use law::{
    Achievement, Agencies, Award, AwardRule, Basis, Candidate, CandidateKind, Check, Date, Declared, Document,
    DossierFile, Law, Letter, Rating, Record, RuleSet, SCHEMA, YearRating,
};
use time::Month;

pub(crate) fn law() -> &'static Law {
    Law::embedded()
}

pub(crate) fn agencies() -> &'static Agencies {
    static AGENCIES: LazyLock<Agencies> = LazyLock::new(Agencies::embedded);
    &AGENCIES
}

pub(crate) fn day(year: i32, month: u8, day: u8) -> Date {
    Date::from_calendar_date(year, Month::try_from(month).unwrap(), day).unwrap()
}

pub(crate) fn check(d: &DossierFile) -> Check {
    law().check(d, agencies(), None).unwrap()
}

/// A day on which letters are judged by this rule set.
pub(crate) fn letter_day(set: &RuleSet) -> Date {
    let day = match set.id.as_str() {
        "law-2003" => day(2022, 9, 15),
        "law-2022" => day(2024, 9, 16),
        "decree-152-2025" => day(2026, 3, 16),
        _ => set.in_force_from.saturating_add(time::Duration::days(14)),
    };
    assert_eq!(law().rule_set_for(day, None).unwrap(), set.id);
    day
}

/// A dossier with nothing to speak for it, for the year before the letter.
pub(crate) fn bare(award: &str, kind: CandidateKind, agency: &str, letter: Date) -> DossierFile {
    let year = letter.year() - 1;
    DossierFile {
        schema: SCHEMA.to_owned(),
        reference: None,
        award: award.to_owned(),
        basis: Basis::Merit,
        award_year: Some(year),
        confidential: false,
        candidate: Candidate {
            kind,
            id: None,
            name: "N.V.A.".to_owned(),
            agency: agency.to_owned(),
            position: None,
            occupation: None,
            direct_worker: None,
            sex: None,
            born: None,
            ethnicity: None,
            nationalities: Vec::new(),
            deceased_on: None,
            economic_organisation: false,
            managed_by_party_committee: false,
            members: (kind == CandidateKind::Collective).then_some(100),
        },
        submitting_agency: agency.to_owned(),
        letter: Letter {
            number: "1/TTr".to_owned(),
            date: letter,
            signed_by: None,
        },
        received_on: None,
        achievement: Achievement {
            from: day(year, 1, 1),
            to: day(year, 12, 31),
            summary: "…".to_owned(),
            act: None,
        },
        record: Record::default(),
        declared: Vec::new(),
        documents: ["to-trinh", "bao-cao-thanh-tich"].map(paper).to_vec(),
    }
}

/// The first of some agencies from which there is a way to whoever decides the award.
pub(crate) fn at_home(award: &AwardRule, kind: CandidateKind, letter: Date, homes: &[&str]) -> Option<DossierFile> {
    let placed = homes.iter().map(|home| bare(&award.code, kind, home, letter));
    let mut open = placed.filter(|d| law().route(d, agencies(), letter).is_ok());
    open.next()
}

pub(crate) fn paper(kind: &str) -> Document {
    Document {
        kind: kind.to_owned(),
        file: None,
        number: None,
        date: None,
        sha256: None,
    }
}

pub(crate) fn held(award: &str, year: i32) -> Award {
    Award {
        award: award.to_owned(),
        year,
        date: Some(day(year, 12, 20)),
        decision: Some(format!("{year}/QĐ-UBND")),
        issuer: None,
        basis: Basis::Merit,
        achievement: None,
        revoked_on: None,
    }
}

pub(crate) fn rated(from: i32, to: i32, rating: Rating) -> Vec<YearRating> {
    (from..=to).map(|year| YearRating { year, rating }).collect()
}

pub(crate) fn answer(kind: &str) -> Declared {
    Declared {
        criterion: kind.to_owned(),
        text: "Đạt.".to_owned(),
    }
}
