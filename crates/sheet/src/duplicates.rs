//! Persons who stand in two places: found by their number and never by name, within a list and across lists that
//! reach the same authority by different lines.

use std::collections::BTreeMap;

use law::{AwardKind, Basis, DossierFile, Law};
use serde::Serialize;

use crate::{
    fold::fold,
    list::{List, Row},
};

/// Why two rows are not to stand beside one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuplicateKind {
    /// The same award for the same year.
    SameAward,
    /// Two state-level forms in one year.
    TwoStateForms,
    /// One number, two names: one of the numbers is wrong.
    TwoNames,
}

/// Where a row stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spot {
    /// The file.
    pub file: String,
    /// The cell of the number.
    pub at: String,
    /// The name, as the row has it.
    pub candidate: String,
    /// The award's code.
    pub award: String,
    /// The code of the agency that sends it.
    pub submitting_agency: String,
    /// Which list and which of its rows, both from 0.
    #[serde(skip)]
    pub index: (usize, usize),
}

/// Two rows with one person number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duplicate {
    /// What is the matter.
    pub kind: DuplicateKind,
    /// The number.
    pub id: String,
    /// The year that both are for.
    pub year: i32,
    /// The row that stands first.
    pub first: Spot,
    /// The other one.
    pub second: Spot,
    /// For people, in Vietnamese.
    pub vi: String,
    /// For people, in English.
    pub en: String,
}

/// What looking for duplicates gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Each row beside the first one that it does not agree with.
    pub duplicates: Vec<Duplicate>,
    /// Rows without a number, which nobody can compare: list and row, both from 0.
    pub unchecked: Vec<(usize, usize)>,
}

struct Entry<'a> {
    index: (usize, usize),
    file: &'a str,
    row: &'a Row,
    dossier: &'a DossierFile,
}

/// Compares all rows that could be read. Names are compared only to tell that one number has two of them.
pub fn compare(lists: &[List], law: &Law) -> Comparison {
    let mut comparison = Comparison::default();
    let mut by_id: BTreeMap<String, Vec<Entry<'_>>> = BTreeMap::new();
    for (l, list) in lists.iter().enumerate() {
        for (r, row) in list.rows.iter().enumerate() {
            let Some(dossier) = &row.dossier else { continue };
            let id = dossier.candidate.id.as_deref().map(key).unwrap_or_default();
            if id.is_empty() {
                comparison.unchecked.push((l, r));
                continue;
            }
            by_id.entry(id).or_default().push(Entry {
                index: (l, r),
                file: &list.file,
                row,
                dossier,
            });
        }
    }
    for (id, entries) in &by_id {
        for (i, second) in entries.iter().enumerate() {
            // One pair a row is enough to hold it, and a number that fills a whole list stays cheap.
            let mut earlier = entries[..i].iter();
            let found = earlier.find_map(|first| Some((kind(first.dossier, second.dossier, law)?, first)));
            if let Some((kind, first)) = found {
                comparison.duplicates.push(told(kind, id, first, second));
            }
        }
    }
    comparison
        .duplicates
        .sort_by_key(|duplicate| (duplicate.first.index, duplicate.second.index));
    comparison
}

/// A number as it is compared: spaces and marks do not count.
fn key(id: &str) -> String {
    id.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

/// The year that an award is for: its own, or that of the letter.
fn year(dossier: &DossierFile) -> i32 {
    dossier.award_year.unwrap_or_else(|| dossier.letter.date.year())
}

fn kind(first: &DossierFile, second: &DossierFile, law: &Law) -> Option<DuplicateKind> {
    if fold(&first.candidate.name) != fold(&second.candidate.name) {
        return Some(DuplicateKind::TwoNames);
    }
    if year(first) != year(second) {
        return None;
    }
    if law.same_award(&first.award, &second.award) {
        return Some(DuplicateKind::SameAward);
    }
    let both = is_state_form(first, law) && is_state_form(second, law);
    both.then_some(DuplicateKind::TwoStateForms)
}

/// State-level forms are orders, medals, state honours, prizes and the Prime Minister's certificate. Merit alone counts
/// for one a year: what is given for an act, a contribution or long service stands beside it.
fn is_state_form(dossier: &DossierFile, law: &Law) -> bool {
    let set = law
        .rule_set_for(dossier.letter.date, dossier.received_on)
        .unwrap_or_default();
    let award = law.award_in(&dossier.award, set).or_else(|| law.award(&dossier.award));
    let excepted = matches!(
        dossier.basis,
        Basis::Extraordinary | Basis::Contribution | Basis::Seniority
    );
    !excepted
        && award.is_some_and(|award| {
            let kind = matches!(
                award.kind,
                AwardKind::Order | AwardKind::Medal | AwardKind::StateHonour | AwardKind::Prize
            );
            kind || award.code == "bang-khen-thu-tuong"
        })
}

fn told(kind: DuplicateKind, id: &str, first: &Entry<'_>, second: &Entry<'_>) -> Duplicate {
    let year = year(second.dossier);
    let (vi, en) = match kind {
        DuplicateKind::SameAward => (
            format!("cùng một người, cùng danh hiệu, hình thức, cùng năm {year}"),
            format!("the same person, the same award, the same year {year}"),
        ),
        DuplicateKind::TwoStateForms => (
            format!("cùng một người, hai hình thức khen thưởng cấp Nhà nước trong năm {year}"),
            format!("the same person, two state-level forms in {year}"),
        ),
        DuplicateKind::TwoNames => (
            "một số định danh, hai tên khác nhau: một số bị sai".to_owned(),
            "one number, two different names: one of the numbers is wrong".to_owned(),
        ),
    };
    Duplicate {
        kind,
        id: id.to_owned(),
        year,
        first: spot(first),
        second: spot(second),
        vi,
        en,
    }
}

fn spot(entry: &Entry<'_>) -> Spot {
    Spot {
        file: entry.file.to_owned(),
        at: entry.row.id_at.clone().unwrap_or_else(|| entry.row.at.clone()),
        candidate: entry.dossier.candidate.name.clone(),
        award: entry.dossier.award.clone(),
        submitting_agency: entry.dossier.submitting_agency.clone(),
        index: entry.index,
    }
}
