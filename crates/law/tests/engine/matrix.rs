//! Every criterion that a machine can decide, under every rule set: a dossier that meets it, and one that does not.
//!
//! Both are made from the criterion's own figures, so a predicate that always says the same leaves an empty cell.

mod made;

use std::collections::BTreeMap;

use law::{AwardRule, CRITERION_TYPES, CandidateKind, Criterion, DossierFile, Occupation, Recipient, RuleSet, Status};

pub(crate) use self::made::satisfy;
use self::made::{row, spoil};
use crate::build::{agencies, at_home, law, letter_day};

/// Who decides a type of criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// The record alone.
    Machine,
    /// The record where it shows it, else a person.
    Both,
    /// A person; the machine carries the answer.
    Person,
}

const fn by(kind: &str) -> By {
    match kind.as_bytes() {
        b"prior-award"
        | b"same-year-title"
        | b"title-count"
        | b"annual-rating"
        | b"years-rated"
        | b"years-since-prior-award"
        | b"years-of-service"
        | b"initiative"
        | b"research"
        | b"combat-creativity"
        | b"initiative-or-research"
        | b"member-share"
        | b"member-count"
        | b"cluster-rank"
        | b"no-discipline"
        | b"no-member-discipline"
        | b"once-only"
        | b"timing" => By::Machine,
        b"recruited-at-least-months"
        | b"contribution-post"
        | b"recipient-kind"
        | b"force"
        | b"foreign-recipient"
        | b"invention-or-work"
        | b"movement" => By::Both,
        _ => By::Person,
    }
}

#[test]
fn every_type_is_decided_by_the_record_or_asked_of_a_person() {
    let mut lines = Vec::new();
    for kind in CRITERION_TYPES {
        let uses = law().rule_sets().iter().flat_map(|set| law().awards(&set.id));
        let uses = uses
            .flat_map(|award| &award.criteria)
            .filter(|c| c.kind == kind)
            .count();
        lines.push(format!(
            "{kind:26} {:8} {uses:4} entries",
            format!("{:?}", by(kind)).to_lowercase()
        ));
    }
    println!("{}", lines.join("\n"));
    let machine = CRITERION_TYPES.iter().filter(|kind| by(kind) != By::Person).count();
    assert_eq!((machine, CRITERION_TYPES.len()), (25, 42));
}

#[derive(Default)]
struct Cell {
    criteria: usize,
    meets: usize,
    fails: usize,
    empty: Vec<String>,
}

#[test]
fn each_criterion_of_the_machine_is_met_by_one_dossier_and_failed_by_another() {
    let mut matrix: BTreeMap<(String, String, String), Cell> = BTreeMap::new();
    for set in law().rule_sets() {
        for award in law().awards(&set.id) {
            for criterion in award.criteria.iter().filter(|c| decidable(c, award, set)) {
                let article = criterion.article.clone().unwrap_or_else(|| "—".to_owned());
                let key = (article, criterion.kind.clone(), set.id.clone());
                let cell = matrix.entry(key).or_default();
                cell.criteria += 1;
                let [meets, fails] = pair(award, criterion, set).map(|d| status(&d?, criterion));
                let met = meets == Some(Status::Met);
                // An unconfirmed criterion that does not hold warns; one that a person may answer asks.
                let failed = match fails {
                    Some(Status::NotMet) => criterion.confirmed,
                    Some(Status::Warning) => !criterion.confirmed,
                    Some(Status::Question) => criterion.kind == "invention-or-work" || criterion.meets_standard,
                    _ => false,
                };
                cell.meets += usize::from(met);
                cell.fails += usize::from(failed);
                if !met || !failed {
                    cell.empty
                        .push(format!("{} {}: {meets:?} {fails:?}", award.code, criterion.path));
                }
            }
        }
    }
    println!("article | criterion | rule set | criteria | meets | fails");
    let mut empty = Vec::new();
    for ((article, kind, set), cell) in &matrix {
        println!(
            "{article} | {kind} | {set} | {} | {} | {}",
            cell.criteria, cell.meets, cell.fails
        );
        empty.extend(
            cell.empty
                .iter()
                .map(|gap| format!("{article} | {kind} | {set}: {gap}")),
        );
    }
    assert!(empty.is_empty(), "{} empty cells:\n{}", empty.len(), empty.join("\n"));
    assert!(matrix.len() > 300, "{}", matrix.len());
}

/// Whether the record can decide it: its type, and figures to decide by.
pub(crate) fn decidable(c: &Criterion, award: &AwardRule, set: &RuleSet) -> bool {
    match c.kind.as_str() {
        "recipient-kind" => !c.any_of.is_empty(),
        "movement" => !c.launched_by.is_empty() || c.min_years.is_some(),
        "contribution-post" => c.rows && row(award, set).is_some(),
        kind => by(kind) != By::Person,
    }
}

fn status(d: &DossierFile, criterion: &Criterion) -> Option<Status> {
    let check = law().check(d, agencies(), None).ok()?;
    let branch = check.tree.paths.iter().find(|branch| branch.path == criterion.path)?;
    // Two of one type and article may stand in one path: their words tell them apart.
    let words = law().in_words(criterion);
    let leaf = branch
        .criteria
        .iter()
        .find(|leaf| leaf.criterion == criterion.kind && (&leaf.vi, &leaf.en) == (&words.vi, &words.en))?;
    Some(leaf.status)
}

/// A dossier that meets the criterion and one that does not; `None` where there is no way for it at all.
fn pair(award: &AwardRule, c: &Criterion, set: &RuleSet) -> [Option<DossierFile>; 2] {
    let letter = letter_day(set);
    let kind = match c.recipient {
        Recipient::Collective => CandidateKind::Collective,
        Recipient::Household => CandidateKind::Household,
        Recipient::Both if award.recipient == Recipient::Collective => CandidateKind::Collective,
        Recipient::Individual | Recipient::Both => CandidateKind::Individual,
    };
    let of_kind = |wanted: &str| {
        let there = agencies()
            .iter()
            .filter(|agency| agency.exists_on(letter) && agency.kind == wanted);
        there.map(|agency| agency.code.as_str()).collect::<Vec<_>>()
    };
    let mut homes: Vec<&str> = c.only_for.iter().flat_map(|only| of_kind(only)).collect();
    if c.kind == "recipient-kind" {
        homes.extend(c.any_of.iter().flat_map(|kind| of_kind(kind)));
    }
    homes.extend([
        "so-noi-vu-thanh-hoa",
        "so-noi-vu-hung-yen",
        "phuong-hac-thanh",
        "truong-thcs-trung-vuong",
    ]);
    homes.extend(["tinh-hung-yen", "tinh-thanh-hoa", "bo-noi-vu", "bo-quoc-phong"]);
    let Some(mut base) = at_home(award, kind, letter, &homes) else {
        return [None, None];
    };
    base.candidate.occupation = c.only_for.iter().find_map(|only| match only.as_str() {
        "worker" => Some(Occupation::Worker),
        "farmer" => Some(Occupation::Farmer),
        _ => None,
    });
    let mut fails = base.clone();
    if c.kind == "recipient-kind" {
        let others = ["so-noi-vu-thanh-hoa", "so-noi-vu-hung-yen", "truong-thcs-trung-vuong"];
        fails = at_home(award, kind, letter, &others).unwrap_or(fails);
    }
    spoil(&mut fails, c);
    let mut meets = base;
    satisfy(&mut meets, award, c, set);
    [Some(meets), Some(fails)]
}
