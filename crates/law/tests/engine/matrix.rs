//! Every criterion that a machine can decide, under every rule set: a dossier that meets it, and one that does not.
//!
//! Both are made from the criterion's own figures, so a predicate that always says the same leaves an empty cell.

use std::collections::BTreeMap;

use law::{
    AwardRule, Basis, CRITERION_TYPES, CandidateKind, Collective, Criterion, Discipline, DossierFile, Initiative,
    InitiativeKind, Measure, Movement, Occupation, Post, Rating, Recipient, RuleSet, Scope, Status,
};

use crate::build::{agencies, answer, at_home, day, held, law, letter_day, rated};

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

/// Adds to a dossier what meets the criterion.
pub(crate) fn satisfy(d: &mut DossierFile, award: &AwardRule, c: &Criterion, set: &RuleSet) {
    let year = d.award_year.unwrap();
    let letter = d.letter.date;
    let first = c.any_of.first().or(c.award.as_ref());
    let record = &mut d.record;
    match c.kind.as_str() {
        // Long ago, so that the years after it count.
        "prior-award" if c.times.unwrap_or(1) == 1 && !c.same_year && !c.meets_standard => {
            record.awards.push(held(first.unwrap(), year - 26));
        }
        "prior-award" | "title-count" | "same-year-title" => {
            let count = c.times.or(c.min).unwrap_or(1);
            let years = (0..i32::try_from(count).unwrap()).map(|back| year - back);
            record.awards.extend(years.map(|year| held(first.unwrap(), year)));
        }
        "years-since-prior-award" => {
            let ago = i32::try_from(c.min.unwrap_or(0)).unwrap() + 1;
            record.awards.push(held(first.unwrap(), letter.year() - ago));
        }
        "timing" => record
            .awards
            .push(held("chien-si-thi-dua-bo-ban-nganh-tinh", letter.year() - 1)),
        "annual-rating" | "years-rated" => {
            let years = i32::try_from(c.years.or(c.min).unwrap_or(1)).unwrap();
            let rating = c.value.or(c.value_at_least).unwrap_or(Rating::HoanThanhTot);
            for rated in rated(year - years + 1, year, rating) {
                match record.ratings.iter_mut().find(|own| own.year == rated.year) {
                    Some(own) => own.rating = own.rating.max(rated.rating),
                    None => record.ratings.push(rated),
                }
            }
        }
        "initiative" | "research" | "combat-creativity" | "initiative-or-research" | "invention-or-work" => {
            let work = Initiative {
                title: "x".to_owned(),
                kind: work_kind(&c.kind),
                scope: scope(c),
                year,
                recognised_by: None,
                decision: None,
            };
            record.initiatives.extend(vec![work; c.min.unwrap_or(1) as usize]);
        }
        "years-of-service" => {
            record.hired_on = Some(day(letter.year() - i32::try_from(c.min.unwrap_or(0)).unwrap(), 1, 1));
            d.candidate.occupation = (!c.force.is_empty()).then(|| force(c)).or(d.candidate.occupation);
        }
        "recruited-at-least-months" => record.hired_on = Some(day(year - 2, 1, 1)),
        "member-share" | "member-count" => {
            let percent = c.min_percent.or(c.more_than_percent.map(|more| more + 1));
            let count = percent.or(c.min).unwrap_or(1);
            let collective = record.collective.get_or_insert_default();
            if c.of.as_deref() == Some("completed duties or better") {
                collective.completed_or_better = Some(count);
            } else {
                collective.titles.insert(c.of.clone().unwrap(), count);
            }
        }
        "cluster-rank" => {
            let collective = record.collective.get_or_insert_default();
            collective.cluster_rank = Some(c.rank.unwrap_or(1));
            collective.cluster_level = c.cluster_level;
        }
        "movement" => {
            d.declared.push(answer("movement"));
            record.collective.get_or_insert_default().movement = Some(Movement {
                launched_by: c.launched_by.first().cloned(),
                years: Some(c.min_years.unwrap_or(5)),
            });
        }
        "contribution-post" => {
            d.basis = Basis::Contribution;
            let (post, years) = row(award, set).unwrap();
            record.posts = vec![Post {
                post,
                from: day(letter.year() - years.max(1), 1, 1),
                to: Some(day(letter.year() - 1, 12, 31)),
            }];
        }
        "force" => d.candidate.occupation = Some(force(c)),
        "foreign-recipient" => d.candidate.nationalities = vec!["FR".to_owned()],
        // Without a record nothing stands against these; where the agency is the point, the home was chosen by it.
        "no-discipline" | "no-member-discipline" | "once-only" | "recipient-kind" => {}
        other => d.declared.push(answer(other)),
    }
}

/// Makes a bare dossier one that fails the criterion; most it fails as it is.
fn spoil(d: &mut DossierFile, c: &Criterion) {
    let year = d.award_year.unwrap();
    let record = &mut d.record;
    match c.kind.as_str() {
        "no-discipline" => {
            record.discipline = vec![Discipline {
                measure: Measure::BuocThoiViec,
                date: day(year, 3, 1),
                ended_on: Some(day(year, 9, 1)),
            }];
        }
        "no-member-discipline" => {
            record.collective = Some(Collective {
                disciplined: vec![Measure::BuocThoiViec],
                ..Collective::default()
            });
        }
        "once-only" => {
            let barring = c.none_of.first().unwrap_or(&d.award);
            let mut bar = held(barring, year - 9);
            bar.basis = Basis::Contribution;
            record.awards = vec![bar];
        }
        "recruited-at-least-months" | "years-of-service" => record.hired_on = Some(day(year, 12, 15)),
        "force" => d.candidate.occupation = Some(Occupation::Farmer),
        "foreign-recipient" => d.candidate.nationalities = vec!["VN".to_owned()],
        "movement" => {
            d.declared = vec![answer("movement")];
            let launched_by = (!c.launched_by.is_empty()).then(|| "so-noi-vu-thanh-hoa".to_owned());
            let movement = Movement {
                launched_by,
                years: c.min_years.map(|years| years - 1),
            };
            record.collective = Some(Collective {
                movement: Some(movement),
                ..Collective::default()
            });
        }
        "member-share" => {
            let short = c.min_percent.map(|least| least - 1).or(c.more_than_percent).unwrap();
            let mut collective = Collective::default();
            if c.of.as_deref() == Some("completed duties or better") {
                collective.completed_or_better = Some(short);
            } else {
                collective.titles.insert(c.of.clone().unwrap(), short);
            }
            record.collective = Some(collective);
        }
        "annual-rating" | "years-rated" => record.ratings = rated(year - 40, year, Rating::KhongHoanThanh),
        "initiative" | "research" | "combat-creativity" | "initiative-or-research" => {
            // The right work, of too narrow a scope, or of another kind where no scope is too narrow.
            let narrow = scope(c) > Scope::Grassroots;
            record.initiatives = vec![Initiative {
                title: "x".to_owned(),
                kind: if narrow {
                    work_kind(&c.kind)
                } else {
                    InitiativeKind::Invention
                },
                scope: Scope::Grassroots,
                year,
                recognised_by: None,
                decision: None,
            }];
        }
        _ => {}
    }
}

fn work_kind(kind: &str) -> InitiativeKind {
    match kind {
        "research" => InitiativeKind::Research,
        "combat-creativity" => InitiativeKind::CombatCreativity,
        "invention-or-work" => InitiativeKind::Invention,
        _ => InitiativeKind::Initiative,
    }
}

fn scope(c: &Criterion) -> Scope {
    match c.scope.as_deref() {
        Some("national") => Scope::National,
        Some("ministry-province" | "one field of the ministry or province" | "one field, sector or trade") => {
            Scope::MinistryProvince
        }
        Some("district") => Scope::District,
        _ => Scope::Grassroots,
    }
}

fn force(c: &Criterion) -> Occupation {
    if c.force.iter().any(|force| force == "police") {
        Occupation::Police
    } else {
        Occupation::Soldier
    }
}

/// A post and the years of one row that a machine reads, from the files of the nearest rule set.
fn row(award: &AwardRule, set: &RuleSet) -> Option<(String, i32)> {
    #[derive(serde::Deserialize)]
    struct File {
        row: Vec<Row>,
    }
    #[derive(serde::Deserialize)]
    struct Row {
        award: Vec<String>,
        posts: Vec<String>,
        min_years: i32,
        by_machine: bool,
    }
    #[derive(serde::Deserialize)]
    struct Posts {
        post: Vec<PostEntry>,
    }
    #[derive(serde::Deserialize)]
    struct PostEntry {
        id: String,
        rank: Option<String>,
    }
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let text = |name: &str| std::fs::read_to_string(data.join(name)).ok();
    let known: Posts = toml::from_str(&text("contribution.toml")?).unwrap();
    let mut line = Some(set.id.as_str());
    while let Some(id) = line {
        let rows: Vec<Row> = text(&format!("{id}/contribution.toml"))
            .map_or_else(Vec::new, |text| toml::from_str::<File>(&text).unwrap().row);
        let mut own = rows
            .into_iter()
            .filter(|row| row.award.contains(&award.code))
            .peekable();
        if own.peek().is_some() {
            let row = own.find(|row| row.by_machine)?;
            let listed = &row.posts[0];
            let post = known
                .post
                .iter()
                .find(|post| post.rank.as_ref() == Some(listed) || post.id == *listed);
            return Some((post?.id.clone(), row.min_years));
        }
        line = law().rule_set(id)?.base.as_deref();
    }
    None
}
