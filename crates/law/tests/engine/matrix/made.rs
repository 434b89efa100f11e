//! Dossiers made to meet a criterion, or to fail it, from its own figures.

use law::{
    AwardRule, Basis, Collective, Criterion, Discipline, DossierFile, Initiative, InitiativeKind, Measure, Movement,
    Occupation, Post, Rating, RuleSet, Scope,
};

use crate::build::{answer, day, held, law, rated};

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
pub(super) fn spoil(d: &mut DossierFile, c: &Criterion) {
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
pub(super) fn row(award: &AwardRule, set: &RuleSet) -> Option<(String, i32)> {
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
