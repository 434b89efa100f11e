//! What a dossier still takes, and the facts behind each criterion.

use law::{Basis, CandidateKind, Check, Discipline, LackKind, Leaf, Measure, PathStatus, Rating};

use crate::build::{answer, bare, check, day, held, paper, rated};

fn leaf<'a>(check: &'a Check, criterion: &str) -> &'a Leaf {
    let mut leaves = check.tree.paths.iter().flat_map(|branch| &branch.criteria);
    leaves.find(|leaf| leaf.criterion == criterion).unwrap()
}

#[test]
fn one_more_year_in_a_row_is_said_in_numbers_with_the_year_that_breaks_the_run() {
    let mut d = bare(
        "chien-si-thi-dua-bo-ban-nganh-tinh",
        CandidateKind::Individual,
        "so-noi-vu-hung-yen",
        day(2025, 1, 10),
    );
    d.record.awards = [2020, 2021, 2023, 2024]
        .map(|year| held("chien-si-thi-dua-co-so", year))
        .to_vec();
    d.declared = vec![answer("top-selection")];
    let result = check(&d);
    let run = leaf(&result, "prior-award");
    assert_eq!((run.have, run.need), (Some(2), Some(3)));
    let said: Vec<(&str, bool)> = run.facts.iter().map(|fact| (fact.vi.as_str(), fact.counts)).collect();
    assert_eq!(
        said,
        [
            ("Chiến sĩ thi đua cơ sở 2020, QĐ 2020/QĐ-UBND", false),
            ("Chiến sĩ thi đua cơ sở 2021, QĐ 2021/QĐ-UBND", false),
            ("Chiến sĩ thi đua cơ sở 2023, QĐ 2023/QĐ-UBND", true),
            ("Chiến sĩ thi đua cơ sở 2024, QĐ 2024/QĐ-UBND", true),
            ("năm 2022: đứt quãng", false),
        ]
    );
    let lack = &result.lacking[0];
    assert_eq!(
        (lack.kind, lack.code.as_str(), lack.vi.as_str(), lack.en.as_str()),
        (
            LackKind::Criterion,
            "prior-award",
            "Còn thiếu 1 năm Chiến sĩ thi đua cơ sở liên tục.",
            "1 more year(s) of Grassroots Emulation Fighter in a row"
        )
    );
    assert!(lack.article.is_some() && lack.confirmed);
}

#[test]
fn what_does_not_count_says_why() {
    let mut d = bare(
        "bang-khen-thu-tuong",
        CandidateKind::Individual,
        "so-noi-vu-thanh-hoa",
        day(2025, 9, 15),
    );
    let with = |year: i32, change: &dyn Fn(&mut law::Award)| {
        let mut award = held("chien-si-thi-dua-co-so", year);
        change(&mut award);
        award
    };
    d.record.ratings = rated(2020, 2024, Rating::HoanThanhTot);
    d.record.awards = vec![
        held("bang-khen-bo-ban-nganh-tinh", 2019),
        with(2018, &|_| ()),
        with(2020, &|_| ()),
        with(2021, &|award| award.basis = Basis::Movement),
        with(2022, &|award| award.revoked_on = Some(day(2023, 1, 1))),
        with(2023, &|award| award.basis = Basis::Extraordinary),
        with(2024, &|_| ()),
    ];
    d.record.discipline = vec![Discipline {
        measure: Measure::KhienTrach,
        date: day(2019, 12, 1),
        ended_on: Some(day(2020, 12, 1)),
    }];
    let result = check(&d);
    let titles = leaf(&result, "title-count");
    let why: Vec<Option<&str>> = titles
        .facts
        .iter()
        .map(|fact| fact.why.as_ref().map(|why| why.en.as_str()))
        .collect();
    assert_eq!(
        why,
        [
            Some("before the end of the disciplinary period"),
            Some("before the end of the disciplinary period"),
            Some("a thematic award is no basis for one of merit"),
            Some("the decision was annulled"),
            Some("an award for an extraordinary achievement is no basis for one of merit"),
            None,
        ]
    );
    assert_eq!(titles.have, Some(1));
}

#[test]
fn the_path_that_needs_least_is_the_one_that_is_asked_for() {
    let mut d = bare(
        "chien-si-thi-dua-co-so",
        CandidateKind::Individual,
        "so-noi-vu-hung-yen",
        day(2024, 1, 10),
    );
    d.record.awards = vec![held("lao-dong-tien-tien", 2023)];
    d.documents.clear();
    let result = check(&d);
    assert!(
        result
            .tree
            .paths
            .iter()
            .filter(|path| path.status == PathStatus::NotMet)
            .count()
            > 1
    );
    let kinds: Vec<LackKind> = result.lacking.iter().map(|lack| lack.kind).collect();
    assert_eq!(
        kinds.iter().filter(|kind| **kind == LackKind::Criterion).count(),
        1,
        "{:#?}",
        result.lacking
    );
    let papers: Vec<&str> = result
        .lacking
        .iter()
        .filter(|lack| lack.kind == LackKind::Document)
        .map(|lack| lack.code.as_str())
        .collect();
    assert_eq!(papers, result.missing);
}

#[test]
fn what_only_a_person_can_say_is_asked_once() {
    let mut d = bare(
        "giay-khen-don-vi",
        CandidateKind::Individual,
        "so-noi-vu-hung-yen",
        day(2025, 9, 15),
    );
    let open = check(&d);
    let asked: Vec<_> = open
        .lacking
        .iter()
        .map(|lack| (lack.kind, lack.code.as_str()))
        .collect();
    assert_eq!(asked, [(LackKind::Answer, "local-criteria")]);
    d.declared = vec![answer("local-criteria")];
    let answered = check(&d);
    assert!(answered.lacking.is_empty());
    assert_eq!(leaf(&answered, "local-criteria").facts[0].vi, "xác nhận: Đạt.");
}

#[test]
fn a_criterion_names_the_paper_that_proves_it() {
    let mut d = bare(
        "chien-si-thi-dua-toan-quoc",
        CandidateKind::Individual,
        "so-noi-vu-hung-yen",
        day(2025, 9, 15),
    );
    d.documents.push(paper("chung-nhan-sang-kien"));
    let proof = leaf(&check(&d), "initiative").documents.clone();
    assert_eq!(proof, ["chung-nhan-sang-kien"]);
}
