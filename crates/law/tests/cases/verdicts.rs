//! What the law says of a dossier.

use law::{Procedure, Verdict};
use serde_json::{Value, json};

use crate::{advanced_worker, check, collective, held, person, ratings};

#[test]
fn the_excellent_rating_alone_was_not_enough_under_the_law_of_2003() {
    for (letter, verdict) in [("2023-01-10", Verdict::NotEligible), ("2024-01-10", Verdict::Eligible)] {
        let mut value = person("chien-si-thi-dua-co-so", "so-noi-vu-hung-yen", letter);
        let year: i32 = letter[..4].parse().unwrap();
        value["record"] = json!({
            "ratings": ratings(year - 1, year - 1, "hoan-thanh-xuat-sac"),
            "awards": [{"award": "lao-dong-tien-tien", "year": year - 1}]
        });
        assert_eq!(check(&value).verdict, verdict, "{letter}");
    }
}

#[test]
fn recruitment_months_differ_by_rule_set() {
    assert_eq!(
        check(&advanced_worker("2023-01-10")).unmet,
        ["recruited-at-least-months"]
    );
    assert_eq!(check(&advanced_worker("2024-01-10")).verdict, Verdict::Eligible);
}

#[test]
fn an_unconfirmed_criterion_warns_and_does_not_refuse() {
    let mut value = advanced_worker("2024-01-10");
    value["record"]["discipline"] = json!([{"measure": "khien-trach", "date": "2023-03-01", "ended_on": "2023-06-01"}]);
    let result = check(&value);
    assert_eq!(result.verdict, Verdict::Eligible);
    assert!(
        result.warnings.iter().any(|note| note.vi.contains("kỷ luật")),
        "{:?}",
        result.warnings
    );
    // Under the law of 2003 the same criterion was read, and binds.
    let mut value = advanced_worker("2023-01-10");
    value["record"]["hired_on"] = json!("2010-01-01");
    value["record"]["discipline"] = json!([{"measure": "khien-trach", "date": "2022-03-01"}]);
    assert_eq!(check(&value).unmet, ["no-discipline"]);
}

#[test]
fn a_criterion_for_people_that_always_holds_leaves_it_undecided() {
    let mut value = advanced_worker("2024-01-10");
    value["declared"] = json!([]);
    assert_eq!(check(&value).verdict, Verdict::Undecided);
    value["documents"] = json!([{"kind": "to-trinh"}]);
    let result = check(&value);
    assert_eq!(
        (result.verdict, result.missing.as_slice()),
        (Verdict::Incomplete, &["bao-cao-thanh-tich".to_owned()][..])
    );
}

#[test]
fn a_path_for_people_without_an_answer_is_not_tried() {
    let mut value = person("giay-khen-don-vi", "so-noi-vu-hung-yen", "2025-09-15");
    assert_eq!(check(&value).verdict, Verdict::Undecided);
    value["declared"] = json!([{"criterion": "local-criteria", "text": "Đạt."}]);
    assert_eq!(check(&value).verdict, Verdict::Eligible);
}

#[test]
fn a_gap_resets_consecutive_titles() {
    let with = |years: &[i32]| {
        let mut value = person("chien-si-thi-dua-bo-ban-nganh-tinh", "so-noi-vu-hung-yen", "2025-01-10");
        value["record"] = json!({
            "awards": years.iter().map(|year| held("chien-si-thi-dua-co-so", *year)).collect::<Vec<_>>(),
            "initiatives": [{"title": "x", "kind": "initiative", "scope": "ministry-province", "year": 2024}]
        });
        value["declared"] = json!([{"criterion": "top-selection", "text": "Đạt."}]);
        value["documents"]
            .as_array_mut()
            .unwrap()
            .push(json!({"kind": "chung-nhan-sang-kien"}));
        check(&value)
    };
    assert_eq!(with(&[2022, 2023, 2024]).verdict, Verdict::Eligible);
    assert_eq!(with(&[2020, 2021, 2022, 2024]).unmet, ["prior-award"]);
    assert_eq!(with(&[2021, 2023, 2024]).unmet, ["prior-award"]);
}

#[test]
fn extraordinary_and_revoked_awards_are_no_merit() {
    let with = |extra: Value| {
        let mut value = person("bang-khen-thu-tuong", "so-noi-vu-thanh-hoa", "2025-09-15");
        let mut certificate = held("bang-khen-bo-ban-nganh-tinh", 2019);
        certificate
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        value["record"] = json!({
            "ratings": ratings(2020, 2024, "hoan-thanh-tot"),
            "awards": [certificate, held("chien-si-thi-dua-co-so", 2020), held("chien-si-thi-dua-co-so", 2022), held("chien-si-thi-dua-co-so", 2024)]
        });
        check(&value)
    };
    assert_eq!(with(json!({})).verdict, Verdict::Eligible);
    assert_eq!(with(json!({"basis": "extraordinary"})).unmet, ["prior-award"]);
    assert_eq!(with(json!({"basis": "movement"})).unmet, ["prior-award"]);
    assert_eq!(with(json!({"revoked_on": "2021-01-01"})).unmet, ["prior-award"]);
    // The window starts after the period that the decision names.
    assert_eq!(
        with(json!({"achievement": {"from": "2016-01-01", "to": "2020-12-31"}})).verdict,
        Verdict::NotEligible
    );
}

#[test]
fn merit_counts_from_the_end_of_discipline_since_2025() {
    let mut value = person("bang-khen-thu-tuong", "so-noi-vu-thanh-hoa", "2025-09-15");
    value["record"] = json!({
        "ratings": ratings(2020, 2024, "hoan-thanh-tot"),
        "awards": [held("bang-khen-bo-ban-nganh-tinh", 2019), held("chien-si-thi-dua-co-so", 2020), held("chien-si-thi-dua-co-so", 2022), held("chien-si-thi-dua-co-so", 2024)],
        "discipline": [{"measure": "khien-trach", "date": "2021-02-01", "ended_on": "2022-02-01"}]
    });
    assert_eq!(check(&value).verdict, Verdict::NotEligible);
}

#[test]
fn posts_of_the_contribution_process_are_counted_in_years() {
    let with = |years: i32| {
        let mut value = person("huan-chuong-lao-dong-hang-nhi", "so-noi-vu-hung-yen", "2025-09-15");
        value["basis"] = json!("contribution");
        value["record"] = json!({"posts": [{"post": "chu-tich-ubnd-tinh", "from": "2010-01-01", "to": format!("{}-01-01", 2010 + years)}]});
        check(&value)
    };
    let long = with(20);
    assert!(!long.tree.paths.is_empty());
    assert_eq!(with(1).verdict, Verdict::NotEligible);
    assert_eq!(with(4).procedure, Procedure::Simplified);
}

#[test]
fn a_collective_is_no_person() {
    let value = collective("chien-si-thi-dua-co-so", "so-noi-vu-hung-yen", "2025-09-15");
    assert!(check(&value).unmet.contains(&"recipient-kind".to_owned()));
}

#[test]
fn one_act_is_rewarded_once() {
    let mut value = person("giay-khen-cap-xa", "phuong-hac-thanh", "2026-03-02");
    value["basis"] = json!("extraordinary");
    value["achievement"]["act"] = json!("2026-02-27 chữa cháy");
    value["declared"] = json!([{"criterion": "extraordinary-achievement", "text": "Đạt."}]);
    assert_eq!(check(&value).verdict, Verdict::Eligible);
    value["record"] = json!({"awards": [{"award": "giay-khen-don-vi", "year": 2026, "basis": "extraordinary", "achievement": {"act": "2026-02-27  Chữa cháy"}}]});
    assert_eq!(check(&value).unmet, ["one-form-one-achievement"]);
}

#[test]
fn a_hold_comes_before_everything_and_ends_with_the_proceeding() {
    let mut value = advanced_worker("2024-01-10");
    value["documents"] = json!([]);
    value["record"]["proceedings"] = json!([{"kind": "complaint", "opened_on": "2024-01-02"}]);
    assert_eq!(check(&value).verdict, Verdict::OnHold);
    value["record"]["proceedings"][0]["closed_on"] = json!("2024-01-10");
    assert_eq!(check(&value).verdict, Verdict::Incomplete);
}

#[test]
fn thousands_of_prior_awards_are_judged_once_a_year_and_not_once_each() {
    let mut value: Value = serde_json::from_str(include_str!(
        "../../../../tests/samples/hung-yen-2025-huan-chuong-lao-dong-hang-ba.json"
    ))
    .unwrap();
    let awards = value["record"]["awards"].as_array_mut().unwrap();
    *awards = std::iter::repeat_n(awards.clone(), 2_000).flatten().collect();
    assert_eq!(check(&value).verdict, Verdict::Eligible);
}

#[test]
fn a_seniority_medal_needs_the_letter_and_the_list_that_the_system_makes() {
    let value: Value = serde_json::from_str(include_str!(
        "../../../../tests/samples/bo-quoc-phong-2025-chien-si-ve-vang-hang-ba.json"
    ))
    .unwrap();
    let papers = check(&value).tree.documents;
    let due: Vec<_> = papers.iter().map(|paper| (paper.kind.as_str(), paper.due)).collect();
    assert_eq!(due, [("to-trinh", true), ("danh-sach-trich-ngang", false)]);
}

#[test]
fn thousands_of_posts_and_measures_are_not_judged_by_pairs() {
    let mut value = person("huan-chuong-lao-dong-hang-ba", "so-noi-vu-hung-yen", "2025-09-15");
    let post = json!({"post": "giam-doc-so", "from": "2010-01-01", "to": "2014-12-31"});
    let measure = json!({"measure": "khien-trach", "date": "2001-01-01"});
    value["basis"] = json!("contribution");
    value["record"] = json!({"posts": vec![post; 20_000], "discipline": vec![measure; 20_000]});
    assert!(
        check(&value).unmet.contains(&"contribution-post".to_owned()),
        "five years are not six"
    );
}
