use time::macros::date;

use super::*;
use crate::{Denominator, DossierFile, LawError, Procedure, Status, Verdict};

const CODE: &str = "tinh-thanh-hoa/phuong-kieu-mau";

fn regulation(number: &str, date: Date) -> Regulation {
    Regulation {
        number: number.to_owned(),
        date,
        text: String::new(),
    }
}

fn content(id: &str) -> LocalCriterion {
    LocalCriterion {
        path: always(),
        recipient: None,
        kind: CONTENT.to_owned(),
        id: Some(id.to_owned()),
        text_vi: format!("Nội dung {id}."),
        text_en: format!("content {id}"),
        article: Some("Điều 4".to_owned()),
        parameters: Map::new(),
    }
}

fn typed(kind: &str, parameters: &Value) -> LocalCriterion {
    LocalCriterion {
        kind: kind.to_owned(),
        id: None,
        text_vi: String::new(),
        text_en: String::new(),
        article: None,
        parameters: parameters.as_object().cloned().unwrap_or_default(),
        ..content("")
    }
}

fn version(from: Date, to: Option<Date>, criteria: Vec<LocalCriterion>) -> LocalVersion {
    LocalVersion {
        from,
        to,
        regulation: regulation("01/2019/QĐ-UBND", date!(2019 - 02 - 15)),
        recipient: Recipient::Collective,
        criteria,
        papers: vec!["to-trinh".to_owned()],
        council: Some(LocalCouncil {
            threshold_percent: 80,
            ballot: Ballot::Secret,
        }),
        time_limit: Some(LocalLimit {
            days: 15,
            unit: DayUnit::Working,
        }),
        bonus: vec![LocalBonus {
            recipient: Recipient::Collective,
            hundredths: None,
            vnd: Some(50_000_000),
        }],
    }
}

fn award(versions: Vec<LocalVersion>) -> LocalAward {
    LocalAward {
        code: CODE.to_owned(),
        agency: "tinh-thanh-hoa".to_owned(),
        name_vi: "Phường kiểu mẫu".to_owned(),
        name_en: "Model ward".to_owned(),
        versions,
        ended_by: None,
    }
}

fn directory(award: LocalAward) -> Agencies {
    let mut agencies = Agencies::embedded();
    agencies.insert_local_award(award);
    agencies
}

/// A ward, proposed on that day, with these answers.
fn dossier(letter: Date, answers: &[&str]) -> DossierFile {
    let declared: Vec<Value> = answers
        .iter()
        .map(|id| serde_json::json!({"criterion": id, "text": "Đạt."}))
        .collect();
    let file = serde_json::json!({
        "schema": crate::SCHEMA,
        "award": CODE,
        "basis": "merit",
        "candidate": {"kind": "collective", "name": "Phường Hạc Thành", "agency": "phuong-hac-thanh"},
        "submitting_agency": "phuong-hac-thanh",
        "letter": {"number": "7/TTr-UBND", "date": letter.to_string()},
        "achievement": {"from": "2025-07-01", "to": letter.to_string(), "summary": "Tóm tắt."},
        "declared": declared,
        "documents": [{"kind": "to-trinh"}],
    });
    DossierFile::parse(&file.to_string()).expect("a dossier file")
}

#[test]
fn a_day_has_the_version_that_holds_on_it() {
    let agencies = directory(award(vec![
        version(
            date!(2019 - 03 - 01),
            Some(date!(2025 - 07 - 01)),
            vec![content("a"), content("b")],
        ),
        version(date!(2025 - 10 - 01), None, vec![content("a")]),
    ]));
    let on = |day| agencies.local_award(CODE, day);
    assert_eq!(on(date!(2019 - 02 - 28)), None);
    let first = on(date!(2025 - 06 - 30)).expect("the first version");
    assert_eq!((first.criteria.len(), &first.ended), (2, &None));
    assert_eq!(
        first.criteria[0].article.as_deref(),
        Some("Điều 4, 01/2019/QĐ-UBND ngày 15/02/2019")
    );
    let between = on(date!(2025 - 07 - 01)).expect("it is known");
    assert_eq!(
        between.ended.as_ref().map(|ended| ended.article.as_str()),
        Some("01/2019/QĐ-UBND ngày 15/02/2019")
    );
    let second = on(date!(2025 - 10 - 01)).expect("the second version");
    assert_eq!((second.criteria.len(), &second.ended), (1, &None));
}

#[test]
fn the_contents_stand_in_the_tree_and_are_answered_one_by_one_or_all_at_once() {
    let agencies = directory(award(vec![version(
        date!(2019 - 03 - 01),
        None,
        vec![content("noi-dung-1"), content("noi-dung-2")],
    )]));
    let law = Law::embedded();
    let day = date!(2025 - 09 - 15);
    let check = |answers: &[&str]| law.check(&dossier(day, answers), &agencies, None).expect("a verdict");
    let open = check(&["noi-dung-1"]);
    let leaves = &open.tree.paths[0].criteria;
    assert_eq!(
        leaves
            .iter()
            .map(|leaf| (&*leaf.criterion, leaf.status))
            .collect::<Vec<_>>(),
        [("noi-dung-1", Status::Met), ("noi-dung-2", Status::Question)]
    );
    assert_eq!(leaves[1].vi, "Nội dung noi-dung-2.");
    assert_eq!((open.verdict, &*open.tree.award), (Verdict::Undecided, CODE));
    assert_eq!(open.deciding_agency, "tinh-thanh-hoa");
    assert_eq!(check(&["noi-dung-1", "noi-dung-2"]).verdict, Verdict::Eligible);
    assert_eq!(check(&["local-criteria"]).verdict, Verdict::Eligible);
    let problems = law
        .check(&dossier(day, &["noi-dung-9"]), &agencies, None)
        .expect_err("no such content");
    assert_eq!(problems[0].reason, "UNKNOWN_CRITERION");
    // Who has defined nothing is judged by a person, as ever.
    let undefined = law.check(&dossier(day, &["local-criteria"]), &Agencies::embedded(), None);
    let undefined = undefined.expect("a verdict");
    assert_eq!(undefined.tree.paths[0].criteria[0].status, Status::Met);
    assert_eq!(undefined.missing, ["bao-cao-thanh-tich"]);
}

#[test]
fn a_type_of_the_catalogue_refuses_by_its_facts() {
    let rating = serde_json::json!({"value_at_least": "hoan-thanh-tot"});
    let agencies = directory(award(vec![version(
        date!(2019 - 03 - 01),
        None,
        vec![typed("annual-rating", &rating)],
    )]));
    let check = Law::embedded().check(&dossier(date!(2025 - 09 - 15), &[]), &agencies, None);
    let check = check.expect("a verdict");
    assert_eq!(
        (check.verdict, check.unmet),
        (Verdict::NotEligible, vec!["annual-rating".to_owned()])
    );
}

#[test]
fn an_award_that_has_ended_is_refused_by_the_day_of_the_letter() {
    let agencies = directory(LocalAward {
        ended_by: Some(regulation("9/QĐ-UBND", date!(2025 - 08 - 01))),
        ..award(vec![version(
            date!(2019 - 03 - 01),
            Some(date!(2025 - 09 - 01)),
            vec![content("a")],
        )])
    });
    let law = Law::embedded();
    let check = |letter| law.check(&dossier(letter, &["a"]), &agencies, Some(date!(2025 - 09 - 20)));
    assert_eq!(
        check(date!(2025 - 08 - 29)).map(|check| check.verdict),
        Ok(Verdict::Eligible)
    );
    let refused = law.check(&dossier(date!(2025 - 09 - 01), &["local-criteria"]), &agencies, None);
    let refused = refused.expect("a verdict");
    assert_eq!(
        (refused.verdict, refused.unmet.as_slice()),
        (Verdict::NotEligible, &["award-ended".to_owned()][..])
    );
    assert!(
        refused.warnings.iter().any(|note| note.vi.contains("9/QĐ-UBND")),
        "{:?}",
        refused.warnings
    );
}

#[test]
fn threshold_term_and_money_are_the_regulations() {
    let agencies = directory(award(vec![version(date!(2019 - 03 - 01), None, vec![content("a")])]));
    let law = Law::embedded();
    let day = date!(2025 - 09 - 15);
    let route = law.route(&dossier(day, &[]), &agencies, day).expect("a route");
    assert_eq!(route.procedure, Procedure::Ordinary);
    let last = route.stations.last().expect("a station");
    let council = last.council.as_ref().expect("a council");
    assert_eq!(last.decider.as_deref(), Some("tinh-thanh-hoa"));
    assert_eq!((council.threshold_percent, council.ballot), (80, Ballot::Secret));
    assert_eq!(council.denominator, Denominator::AllMembers);
    let limit = |level| law.time_limit_with(&agencies, "decree-152-2025", CODE, level, LimitStep::Appraisal, day);
    assert_eq!(limit(Level::MinistryOrProvince).map(|limit| limit.days), Some(15));
    assert_ne!(limit(Level::Unit).map(|limit| limit.days), Some(15));
    let bonus = |kind| {
        law.bonus_with(&agencies, CODE, kind, "decree-152-2025", day)
            .map(|bonus| bonus.vnd)
    };
    assert_eq!(bonus(CandidateKind::Collective), Some(50_000_000));
    assert_eq!(bonus(CandidateKind::Individual), None);
    let unknown = DossierFile {
        award: "khong-co/a".to_owned(),
        ..dossier(day, &[])
    };
    assert_eq!(
        law.route(&unknown, &agencies, day),
        Err(LawError::UnknownAgency("khong-co".to_owned()))
    );
}

#[test]
fn a_multiple_of_the_base_salary_is_rounded_up() {
    let mut one = version(date!(2019 - 03 - 01), None, vec![content("a")]);
    one.bonus[0] = LocalBonus {
        recipient: Recipient::Both,
        hundredths: Some(50),
        vnd: None,
    };
    let agencies = directory(award(vec![one]));
    let law = Law::embedded();
    let bonus = law.bonus_with(
        &agencies,
        CODE,
        CandidateKind::Household,
        "decree-152-2025",
        date!(2025 - 09 - 15),
    );
    let bonus = bonus.expect("a sum");
    assert_eq!((bonus.base_vnd, bonus.vnd), (2_340_000, 1_170_000));
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place() {
    let law = Law::embedded();
    let good = || version(date!(2019 - 03 - 01), None, vec![content("a")]);
    let reasons = |award: &LocalAward| -> Vec<(String, &str)> {
        award
            .problems(law)
            .into_iter()
            .map(|problem| (problem.path, problem.reason))
            .collect()
    };
    assert_eq!(reasons(&award(vec![good()])), []);
    let wrong = LocalAward {
        code: "tinh-nghe-an/x".to_owned(),
        name_vi: " ".to_owned(),
        ..award(vec![
            LocalVersion {
                to: Some(date!(2019 - 03 - 01)),
                papers: vec!["khong-co".to_owned()],
                criteria: vec![
                    content("a"),
                    content("a"),
                    content("movement"),
                    typed("khong-co", &Value::Null),
                    typed("annual-rating", &serde_json::json!({"khong_co": 1})),
                    typed("title-count", &serde_json::json!({"award": "khong-co", "min": 2})),
                    LocalCriterion {
                        text_vi: "a".repeat(2_001),
                        text_en: "e\u{301}".to_owned(),
                        ..content("b")
                    },
                ],
                council: Some(LocalCouncil {
                    threshold_percent: 0,
                    ballot: Ballot::Open,
                }),
                bonus: vec![LocalBonus {
                    recipient: Recipient::Both,
                    hundredths: Some(1),
                    vnd: Some(1),
                }],
                ..good()
            },
            version(date!(2019 - 02 - 01), None, vec![]),
        ])
    };
    let expected = [
        ("code", "BAD_CODE"),
        ("name_vi", "EMPTY_TEXT"),
        ("versions[0].to", "DATES_INVERTED"),
        ("versions[0].criteria[1].id", "DUPLICATE_ID"),
        ("versions[0].criteria[2].id", "BAD_CODE"),
        ("versions[0].criteria[3].type", "UNKNOWN_CRITERION"),
        ("versions[0].criteria[4]", "BAD_PARAMETER"),
        ("versions[0].criteria[5]", "UNKNOWN_AWARD"),
        ("versions[0].criteria[6].text_vi", "TEXT_TOO_LONG"),
        ("versions[0].criteria[6].text_en", "TEXT_NOT_NFC"),
        ("versions[0].papers[0]", "UNKNOWN_DOCUMENT"),
        ("versions[0].council.threshold_percent", "OUT_OF_RANGE"),
        ("versions[0].bonus[0]", "OUT_OF_RANGE"),
        ("versions[1].criteria", "SIZE"),
        ("versions[1].from", "VERSIONS_OVERLAP"),
    ];
    assert_eq!(
        reasons(&wrong),
        expected.map(|(path, reason)| (path.to_owned(), reason)).to_vec()
    );
}

#[test]
fn a_definition_survives_being_written_and_read() {
    let one = award(vec![version(
        date!(2019 - 03 - 01),
        None,
        vec![
            content("a"),
            typed(
                "annual-rating",
                &serde_json::json!({"value_at_least": "hoan-thanh-tot"}),
            ),
        ],
    )]);
    let text = serde_json::to_string(&one).expect("it has a JSON form");
    assert_eq!(serde_json::from_str::<LocalAward>(&text).expect("it is read"), one);
}
