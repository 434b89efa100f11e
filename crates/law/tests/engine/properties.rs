//! What never makes a verdict worse, and what never changes it.
//!
//! "Worse" is the order on-hold < not-eligible < incomplete < undecided < eligible. Some additions the law itself makes
//! harmful, and they are left out here: a further award of the same title for the same year (a double award), a form of
//! commendation (its merit is rewarded and counts no more; a state-level one bars a second in the year), and an award
//! that is given once only. And whoever answers for a path, or shows the title that stands for a standard, claims it:
//! then the rest of that path is tried, and what it lacks is told. So an undecided dossier may turn out not eligible,
//! or incomplete, but only through a path that nobody had claimed before.

use std::{collections::BTreeSet, path::Path, sync::LazyLock};

use law::{
    Award, AwardKind, AwardRule, Basis, CRITERION_TYPES, CandidateKind, Check, Collective, Criterion, Discipline,
    DossierFile, Initiative, InitiativeKind, Law, Measure, Occupation, PathStatus, Post, Rating, Record, RuleSet,
    Scope, Sex, Verdict, YearRating,
};
use proptest::{prelude::*, sample::Index};

use crate::{
    build::{agencies, answer, at_home, day, held, law, letter_day, paper},
    matrix::{decidable, satisfy},
};

const RATINGS: [Rating; 4] = [
    Rating::KhongHoanThanh,
    Rating::HoanThanh,
    Rating::HoanThanhTot,
    Rating::HoanThanhXuatSac,
];

/// Choices from which a dossier is made, for an award that they choose too.
#[derive(Debug, Clone)]
struct Choices {
    set: Index,
    award: Index,
    kind: Index,
    awards: Vec<(Index, i32, Index)>,
    ratings: Vec<(i32, Index)>,
    works: Vec<(i32, Index, Index)>,
    posts: Vec<(Index, i32, i32)>,
    discipline: Option<(i32, bool)>,
    answers: Vec<Index>,
    papers: Vec<Index>,
    shares: (u32, u32),
    hired: Option<i32>,
    extra: (bool, bool, Index),
    path: Option<Index>,
}

fn choices() -> impl Strategy<Value = Choices> {
    let pick = any::<Index>;
    let facts = (
        prop::collection::vec((pick(), 2005..2027i32, pick()), 0..14),
        prop::collection::btree_map(2008..2026i32, pick(), 0..16).prop_map(|all| all.into_iter().collect::<Vec<_>>()),
        prop::collection::vec((2012..2026i32, pick(), pick()), 0..5),
        prop::collection::vec((pick(), 1985..2015i32, 0..20i32), 0..3),
        prop::option::weighted(0.15, (2012..2025i32, any::<bool>())),
        prop::collection::vec(pick(), 0..6),
        prop::collection::vec(pick(), 0..9),
    );
    let own = (
        (0..=100u32, 0..=100u32),
        prop::option::of(1980..2025i32),
        any::<(bool, bool, Index)>(),
        prop::option::weighted(0.7, pick()),
    );
    ((pick(), pick(), pick()), facts, own).prop_map(|(choice, facts, own)| {
        let (set, award, kind) = choice;
        let (awards, ratings, works, posts, discipline, answers, papers) = facts;
        let (shares, hired, extra, path) = own;
        Choices {
            set,
            award,
            kind,
            awards,
            ratings,
            works,
            posts,
            discipline,
            answers,
            papers,
            shares,
            hired,
            extra,
            path,
        }
    })
}

/// `None` where nobody above the candidate may decide the award.
fn dossier(c: &Choices) -> Option<DossierFile> {
    let set = c.set.get(law().rule_sets());
    let awards = law().awards(&set.id);
    let award = c.award.get(&awards);
    let kinds = [
        CandidateKind::Individual,
        CandidateKind::Collective,
        CandidateKind::Household,
    ];
    let fitting: Vec<CandidateKind> = kinds.into_iter().filter(|kind| award.takes(*kind)).collect();
    let homes = [
        "so-noi-vu-thanh-hoa",
        "phuong-hac-thanh",
        "truong-thcs-trung-vuong",
        "tinh-hung-yen",
    ];
    let mut d = at_home(award, *c.kind.get(&fitting), letter_day(set), &homes)?;
    let named = award
        .criteria
        .iter()
        .flat_map(|c| c.any_of.iter().chain(&c.award).chain(&c.or_title));
    // `any_of` also names kinds of agencies.
    let mut codes: Vec<&str> = named
        .map(String::as_str)
        .filter(|code| law().knows_award(code))
        .collect();
    codes.extend(["chien-si-thi-dua-co-so", "lao-dong-tien-tien", "bang-khen-thu-tuong"]);
    codes.push(&award.code);
    let record = &mut d.record;
    record.awards = c
        .awards
        .iter()
        .map(|(code, year, basis)| past(one_of(code, &codes), *year, *basis))
        .collect();
    record.ratings = c
        .ratings
        .iter()
        .map(|(year, rating)| YearRating {
            year: *year,
            rating: *rating.get(&RATINGS),
        })
        .collect();
    record.initiatives = c
        .works
        .iter()
        .enumerate()
        .map(|(i, (year, kind, scope))| Initiative {
            title: format!("x{}", i % 2),
            kind: *kind.get(&[
                InitiativeKind::Initiative,
                InitiativeKind::Research,
                InitiativeKind::CombatCreativity,
            ]),
            scope: *scope.get(&[Scope::Grassroots, Scope::MinistryProvince, Scope::National]),
            year: *year,
            recognised_by: None,
            decision: None,
        })
        .collect();
    record.posts = c
        .posts
        .iter()
        .map(|(post, from, years)| Post {
            post: (*post.get(&["bo-truong", "thu-truong", "vu-truong", "giam-doc-so", "tinh-uy-vien"])).to_owned(),
            from: day(*from, 1, 1),
            to: Some(day(from + years, 12, 31)),
        })
        .collect();
    record.discipline = c
        .discipline
        .iter()
        .map(|(year, over)| Discipline {
            measure: Measure::KhienTrach,
            date: day(*year, 3, 1),
            ended_on: over.then(|| day(*year, 9, 1)),
        })
        .collect();
    record.hired_on = c.hired.map(|year| day(year, 7, 1));
    if d.candidate.kind == CandidateKind::Collective {
        let titles = award
            .criteria
            .iter()
            .filter_map(|c| c.of.clone())
            .filter(|of| law().knows_award(of) && !of.contains('/'));
        record.collective = Some(Collective {
            titles: titles
                .filter(|of| !of.contains('/'))
                .map(|of| (of, c.shares.0))
                .collect(),
            completed_or_better: Some(c.shares.1),
            cluster_rank: Some(c.shares.0 % 3 + 1),
            ..Collective::default()
        });
    }
    let (woman, simple, occupation) = c.extra;
    d.candidate.sex = woman.then_some(Sex::Female);
    d.candidate.occupation = Some(*occupation.get(&[Occupation::Official, Occupation::Worker, Occupation::Soldier]));
    d.basis = if simple { Basis::Contribution } else { Basis::Merit };
    d.declared = c
        .answers
        .iter()
        .map(|kind| answer(one_of(kind, &CRITERION_TYPES)))
        .collect();
    let kinds: Vec<&str> = law().document_kinds().collect();
    d.documents
        .extend(c.papers.iter().map(|kind| paper(one_of(kind, &kinds))));
    if let Some(path) = &c.path {
        walk(&mut d, path, award, set);
    }
    Some(d)
}

/// Gives the candidate nearly all that one path takes, so that much is met and little of chance stands against it.
fn walk(d: &mut DossierFile, path: &Index, award: &AwardRule, set: &RuleSet) {
    let kind = d.candidate.kind;
    let mine = |c: &&Criterion| c.recipient.takes(kind);
    let paths: BTreeSet<&str> = award.criteria.iter().filter(mine).map(|c| c.path.as_str()).collect();
    let paths: Vec<&str> = paths.into_iter().filter(|path| *path != "*").collect();
    let path = if paths.is_empty() { "*" } else { one_of(path, &paths) };
    d.basis = Basis::Merit;
    d.record = Record {
        discipline: d
            .record
            .discipline
            .drain(..)
            .filter(|_| award.code.len().is_multiple_of(3))
            .collect(),
        ..Record::default()
    };
    for criterion in award
        .criteria
        .iter()
        .filter(mine)
        .filter(|c| c.path == "*" || c.path == path)
    {
        if decidable(criterion, award, set) {
            satisfy(d, award, criterion, set);
        } else {
            d.declared.push(answer(&criterion.kind));
        }
    }
    d.documents = law().document_kinds().map(paper).collect();
    // One thing of those is missing now and then.
    d.documents
        .truncate(d.documents.len() - usize::from(d.candidate.sex.is_some()));
    if d.record.ratings.len() > 6 {
        d.record.ratings.swap_remove(2);
    }
}

fn one_of<'a>(index: &Index, list: &[&'a str]) -> &'a str {
    list[index.index(list.len())]
}

fn past(code: &str, year: i32, basis: Index) -> Award {
    let basis = *basis.get(&[
        Basis::Merit,
        Basis::Merit,
        Basis::Merit,
        Basis::Extraordinary,
        Basis::Movement,
    ]);
    Award {
        basis,
        ..held(code, year)
    }
}

fn judge(d: &DossierFile) -> Check {
    law().check(d, agencies(), None).unwrap()
}

/// Whether a path that nobody claimed before is tried now.
fn claims(before: &Check, after: &Check, status: PathStatus) -> bool {
    before.tree.paths.iter().any(|path| {
        let now = after.tree.paths.iter().find(|other| other.path == path.path);
        path.status == PathStatus::NotTried && now.is_some_and(|now| now.status == status)
    })
}

fn no_worse(before: &Check, after: &Check) -> Result<(), TestCaseError> {
    let claimed = match after.verdict {
        Verdict::NotEligible => claims(before, after, PathStatus::NotMet),
        Verdict::Incomplete => claims(before, after, PathStatus::Met),
        _ => false,
    };
    let claimed = claimed && matches!(before.verdict, Verdict::Undecided | Verdict::Incomplete);
    prop_assert!(
        after.verdict >= before.verdict || claimed,
        "{:?} became {:?}\nbefore {:#?}\nafter {:#?}",
        before.verdict,
        after.verdict,
        before.tree.paths,
        after.tree.paths
    );
    Ok(())
}

/// The law, read once more.
static ANEW: LazyLock<Law> = LazyLock::new(|| Law::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data")).unwrap());

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_paper_never_makes_it_worse(choices in choices(), which in any::<Index>()) {
        let Some(mut d) = dossier(&choices) else { return Ok(()) };
        let before = judge(&d);
        let kinds: Vec<&str> = law().document_kinds().collect();
        d.documents.push(paper(one_of(&which, &kinds)));
        let after = judge(&d);
        prop_assert!(after.verdict >= before.verdict);
        prop_assert!(after.missing.len() <= before.missing.len());
        prop_assert!(after.lacking.len() <= before.lacking.len());
    }

    #[test]
    fn an_answer_never_makes_it_worse(choices in choices(), which in any::<Index>()) {
        let Some(mut d) = dossier(&choices) else { return Ok(()) };
        let before = judge(&d);
        d.declared.push(answer(one_of(&which, &CRITERION_TYPES)));
        no_worse(&before, &judge(&d))?;
    }

    #[test]
    fn a_better_rating_never_makes_it_worse(choices in choices(), which in any::<Index>()) {
        let Some(mut d) = dossier(&choices) else { return Ok(()) };
        prop_assume!(!d.record.ratings.is_empty());
        let before = judge(&d);
        let many = d.record.ratings.len();
        let rated = &mut d.record.ratings[which.index(many)];
        rated.rating = RATINGS.into_iter().find(|rating| *rating > rated.rating).unwrap_or(rated.rating);
        let after = judge(&d);
        prop_assert!(after.verdict >= before.verdict, "{:?} became {:?}", before.verdict, after.verdict);
    }

    #[test]
    fn a_title_never_makes_it_worse(choices in choices(), which in any::<Index>(), back in 0..12i32) {
        let Some(mut d) = dossier(&choices) else { return Ok(()) };
        let before = judge(&d);
        let set = choices.set.get(law().rule_sets());
        let titles: Vec<_> = law().awards(&set.id);
        let titles: Vec<_> = titles.into_iter().filter(|a| a.kind == AwardKind::EmulationTitle && a.code != d.award).collect();
        d.record.awards.push(held(&which.get(&titles).code, d.letter.date.year() - 1 - back));
        no_worse(&before, &judge(&d))?;
    }

    #[test]
    fn the_order_of_facts_changes_nothing(choices in choices(), seed in any::<u64>()) {
        let Some(mut d) = dossier(&choices) else { return Ok(()) };
        let straight = serde_json::to_string(&judge(&d)).unwrap();
        let mut seed = seed;
        let mut shuffled = |len: usize| -> Vec<usize> {
            let mut order: Vec<usize> = (0..len).collect();
            for i in (1..len).rev() {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                order.swap(i, (seed >> 33) as usize % (i + 1));
            }
            order
        };
        macro_rules! shuffle {
            ($($list:expr),*) => {$(
                $list = shuffled($list.len()).into_iter().map(|i| $list[i].clone()).collect();
            )*};
        }
        shuffle!(d.record.awards, d.record.ratings, d.record.initiatives, d.record.posts, d.declared, d.documents);
        prop_assert_eq!(straight, serde_json::to_string(&judge(&d)).unwrap());
    }

    #[test]
    fn the_same_dossier_gets_the_same_answer_also_from_the_law_read_anew(choices in choices()) {
        let Some(d) = dossier(&choices) else { return Ok(()) };
        let first = serde_json::to_string(&judge(&d)).unwrap();
        prop_assert_eq!(&first, &serde_json::to_string(&judge(&d)).unwrap());
        let anew = ANEW.check(&d, agencies(), None).unwrap();
        prop_assert_eq!(&first, &serde_json::to_string(&anew).unwrap());
        let read: Check = serde_json::from_str(&first).unwrap();
        prop_assert_eq!(&first, &serde_json::to_string(&read).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4) })]

    // What the properties above are tried on is no heap of refusals.
    #[test]
    fn many_verdicts_are_tried(choices in prop::collection::vec(choices(), 100..101)) {
        let verdicts: BTreeSet<Verdict> = choices.iter().filter_map(dossier).map(|d| judge(&d).verdict).collect();
        prop_assert!(verdicts.contains(&Verdict::Eligible) && verdicts.len() > 2, "{verdicts:?}");
    }
}
