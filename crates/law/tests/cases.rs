//! Constructed dossiers: each verdict, the ways of many awards, bad input, and properties that always hold.

use std::sync::LazyLock;

use law::{Agencies, Check, Date, DossierFile, Law, Level, Procedure, Route, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

const FAR: Date = Date::MAX;

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
fn a_hero_passes_councils_at_the_department_the_province_and_the_state() {
    let route = route(&person("anh-hung-lao-dong", "so-noi-vu-hung-yen", "2025-09-15"));
    let levels: Vec<Level> = route.stations.iter().map(|station| station.level).collect();
    assert_eq!(levels, [Level::Department, Level::MinistryOrProvince, Level::State]);
    for station in &route.stations {
        assert_eq!(station.council.as_ref().unwrap().threshold_percent, 90);
    }
    assert_eq!(route.stations[1].publication.as_ref().unwrap().days, 10);
    let state = &route.stations[2];
    assert_eq!(state.appraiser, "ban-td-kt-trung-uong");
    assert_eq!(state.signer.as_deref(), Some("thu-tuong-chinh-phu"));
    assert_eq!(state.decider.as_deref(), Some("chu-tich-nuoc"));
    let council = state.council.as_ref().unwrap();
    assert_eq!(council.agency, "hoi-dong-td-kt-trung-uong");
    assert_eq!(council.quorum_of(10), 8);
}

#[test]
fn an_order_has_no_council_at_the_state_and_a_default_one_below() {
    let route = route(&person(
        "huan-chuong-lao-dong-hang-ba",
        "so-noi-vu-hung-yen",
        "2025-09-15",
    ));
    let council = route.stations[1].council.as_ref().unwrap();
    assert!(council.more_than_half && council.threshold_percent == 0 && !council.confirmed);
    assert!(council.passed(8, 9, 8));
    assert!(route.stations[0].publication.is_none() && route.stations[2].council.is_none());
    assert_eq!(route.stations[0].signer.as_deref(), Some("so-noi-vu-hung-yen"));
    assert_eq!(route.stations[0].decider, None);
}

#[test]
fn the_power_to_decide_follows_the_law_and_the_day() {
    let decides = |value: &Value| route(value).deciding_agency;
    let school = "truong-thcs-trung-vuong";
    assert_eq!(
        decides(&person("chien-si-thi-dua-co-so", school, "2025-09-15")),
        "phuong-hoan-kiem"
    );
    assert_eq!(
        decides(&person("chien-si-thi-dua-co-so", school, "2024-09-16")),
        "quan-hoan-kiem"
    );
    assert_eq!(
        decides(&person("chien-si-thi-dua-co-so", "so-noi-vu-ha-noi", "2025-09-15")),
        "so-noi-vu-ha-noi"
    );
    assert_eq!(decides(&person("lao-dong-tien-tien", school, "2019-06-20")), school);
    assert_eq!(
        decides(&collective(
            "tap-the-lao-dong-tien-tien",
            "phuong-hac-thanh",
            "2026-01-15"
        )),
        "phuong-hac-thanh"
    );
    assert_eq!(
        decides(&person("bang-khen-bo-ban-nganh-tinh", school, "2025-09-15")),
        "thanh-pho-ha-noi"
    );
    assert_eq!(
        decides(&collective("co-thi-dua-cua-chinh-phu", "tinh-hung-yen", "2024-05-15")),
        "chinh-phu"
    );
    assert_eq!(
        decides(&collective("co-thi-dua-cua-chinh-phu", "tinh-hung-yen", "2025-09-15")),
        "thu-tuong-chinh-phu"
    );
    assert_eq!(
        decides(&person(
            "tinh-hung-yen/huy-hieu-vi-su-nghiep",
            "so-noi-vu-hung-yen",
            "2025-09-15"
        )),
        "tinh-hung-yen"
    );
    assert_eq!(
        decides(&collective(
            "co-thi-dua-bo-ban-nganh-tinh",
            "cuc-chuyen-doi-so",
            "2025-04-01"
        )),
        "bo-khoa-hoc-va-cong-nghe"
    );
}

#[test]
fn who_may_decide() {
    let agencies = agencies();
    let day = Date::from_calendar_date(2025, time::Month::September, 15).unwrap();
    let may = |award: &str, agency: &str| {
        Law::embedded().may_decide(award, agencies.get(agency).unwrap(), "decree-152-2025", agencies, day)
    };
    assert!(may("chien-si-thi-dua-co-so", "phuong-hoan-kiem"));
    assert!(!may("bang-khen-bo-ban-nganh-tinh", "phuong-hoan-kiem"));
    assert!(may("bang-khen-bo-ban-nganh-tinh", "tinh-hung-yen"));
    assert!(!may("bang-khen-thu-tuong", "tinh-hung-yen"));
    assert!(may("huan-chuong-lao-dong-hang-ba", "chu-tich-nuoc"));
    assert!(!may("giay-khen-cap-huyen", "phuong-hoan-kiem"));
    assert!(!may("bang-khen-bo-ban-nganh-tinh", "tinh-ben-tre"));
}

#[test]
fn certificates_need_no_council_in_a_unit_and_titles_do() {
    let school = "truong-thcs-trung-vuong";
    assert!(
        route(&person("giay-khen-don-vi", school, "2025-09-15")).stations[0]
            .council
            .is_none()
    );
    let title = route(&person("chien-si-thi-dua-co-so", school, "2025-09-15"));
    assert_eq!(title.stations[0].council.as_ref().unwrap().threshold_percent, 80);
    let title = route(&person("chien-si-thi-dua-co-so", school, "2019-09-16"));
    assert_eq!(title.stations[0].council.as_ref().unwrap().threshold_percent, 0);
}

#[test]
fn bad_files_are_named_by_field_and_reason() {
    assert_eq!(DossierFile::parse("{").unwrap_err()[0].reason, "MALFORMED_FILE");
    assert_eq!(DossierFile::parse("").unwrap_err()[0].reason, "MALFORMED_FILE");
    assert_eq!(DossierFile::parse("[1]").unwrap_err()[0].reason, "MALFORMED_FILE");
    let good = person("giay-khen-don-vi", "so-noi-vu-hung-yen", "2025-09-15");
    assert!(reasons(&good).is_empty());
    let with = |change: &dyn Fn(&mut Value)| {
        let mut value = good.clone();
        change(&mut value);
        reasons(&value)
    };
    assert_eq!(
        with(&|v| v["letter"] = json!(["1/TTr", "2025-09-15"])),
        ["MALFORMED_FILE"]
    );
    assert_eq!(with(&|v| v["award"] = json!("huan-chuong-x")), ["UNKNOWN_AWARD"]);
    assert_eq!(
        with(&|v| v["candidate"]["agency"] = json!("nowhere")),
        ["UNKNOWN_AGENCY"]
    );
    assert_eq!(
        with(&|v| v["candidate"]["name"] = json!("Nguye\u{302}\u{303}n")),
        ["TEXT_NOT_NFC"]
    );
    assert_eq!(
        with(&|v| v["candidate"]["name"] = json!("a\u{0}b")),
        ["CONTROL_CHARACTER"]
    );
    assert_eq!(with(&|v| v["candidate"]["name"] = json!(" ")), ["EMPTY_TEXT"]);
    assert_eq!(with(&|v| v["letter"]["date"] = json!("2026-11-23")), ["DATE_IN_FUTURE"]);
    assert_eq!(with(&|v| v["letter"]["date"] = json!("2025-02-30")), ["MALFORMED_FILE"]);
    assert_eq!(
        with(&|v| v["achievement"]["from"] = json!("2025-12-31")),
        ["DATES_INVERTED"]
    );
    assert_eq!(with(&|v| v["surprise"] = json!(1)), ["UNKNOWN_FIELD"]);
    assert_eq!(
        with(&|v| v["schema"] = json!("vinhdanh.dossier/2")),
        ["UNSUPPORTED_SCHEMA"]
    );
    assert_eq!(
        with(&|v| v["declared"] = json!([{"criterion": "x", "text": ""}])),
        ["UNKNOWN_CRITERION"]
    );
    assert_eq!(with(&|v| v["documents"] = json!([{"kind": "x"}])), ["UNKNOWN_DOCUMENT"]);
    assert_eq!(
        with(&|v| v["documents"] = json!([{"kind": "to-trinh", "file": "../x"}])),
        ["BAD_PATH"]
    );
    assert_eq!(
        with(&|v| v["record"] = json!({"ratings": [{"year": 2020, "rating": "tot"}]})),
        ["UNKNOWN_RATING"]
    );
    assert_eq!(
        with(&|v| {
            v.as_object_mut().unwrap().remove("letter");
        }),
        ["MISSING_FIELD"]
    );
}

#[test]
fn a_file_is_written_as_it_was_read() {
    let dossier = parse(&advanced_worker("2024-01-10"));
    let written = serde_json::to_string(&dossier).unwrap();
    assert_eq!(DossierFile::parse(&written).unwrap(), dossier);
}

/// Every award, under every rule set, for every kind of candidate: an answer, never a panic.
#[test]
fn every_award_gets_an_answer() {
    let mut seen = 0;
    for letter in ["2019-06-20", "2024-03-15", "2025-09-15", "2026-10-15"] {
        for award in Law::embedded().awards("law-2022") {
            for kind in ["individual", "collective", "household"] {
                for basis in ["merit", "extraordinary", "contribution", "foreign"] {
                    let mut value = person(&award.code, "so-noi-vu-thanh-hoa", letter);
                    value["candidate"]["kind"] = json!(kind);
                    value["basis"] = json!(basis);
                    let dossier = parse(&value);
                    let check = Law::embedded().check(&dossier, agencies(), None);
                    seen += usize::from(check.is_ok());
                }
            }
        }
    }
    assert!(seen > 65 * 4 * 3 * 4 - 300, "{seen}");
}

fn rank(verdict: Verdict) -> u8 {
    verdict as u8
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn papers_and_answers_never_make_it_worse(
        award in 0usize..65,
        letter in prop::sample::select(vec!["2019-06-20", "2024-03-15", "2025-09-15", "2026-10-15"]),
        basis in prop::sample::select(vec!["merit", "extraordinary"]),
        paper in 0usize..18,
        kind in 0usize..42,
    ) {
        let award = &Law::embedded().awards("law-2022")[award].code;
        let mut value = person(award, "so-noi-vu-thanh-hoa", letter);
        value["basis"] = json!(basis);
        value["record"] = json!({"ratings": ratings(2015, 2018, "hoan-thanh-xuat-sac")});
        // Some awards nobody above a department may decide.
        let Ok(before) = Law::embedded().check(&parse(&value), agencies(), None) else { return Ok(()) };
        let code = Law::embedded().document_kinds().nth(paper).unwrap();
        value["documents"].as_array_mut().unwrap().push(json!({"kind": code}));
        let after = check(&value);
        prop_assert!(rank(after.verdict) >= rank(before.verdict));
        prop_assert!(after.missing.len() <= before.missing.len());
        // An answer claims a path, and a path that is claimed is tried: what an answer alone must never do is to turn a
        // dossier that was eligible into one that is not.
        value["declared"] = json!([{"criterion": law::CRITERION_TYPES[kind], "text": "Đạt."}]);
        let answered = check(&value);
        prop_assert!(after.verdict != Verdict::Eligible || answered.verdict == Verdict::Eligible);
    }

    #[test]
    fn the_order_of_facts_does_not_matter(seed in any::<u64>(), letter in prop::sample::select(vec!["2019-06-20", "2024-03-15", "2025-09-15"])) {
        let mut value = person("huan-chuong-lao-dong-hang-ba", "so-noi-vu-thanh-hoa", letter);
        value["record"] = json!({
            "ratings": ratings(2012, 2024, "hoan-thanh-tot"),
            "awards": (2013..2024).map(|year| held(if year % 4 == 0 { "bang-khen-thu-tuong" } else { "chien-si-thi-dua-co-so" }, year)).collect::<Vec<_>>(),
            "initiatives": (2013..2024).map(|year| json!({"title": "x", "kind": "initiative", "scope": "ministry-province", "year": year})).collect::<Vec<_>>()
        });
        let straight = check(&value);
        for list in ["ratings", "awards", "initiatives"] {
            let facts = value["record"][list].as_array_mut().unwrap();
            let turn = (seed % facts.len() as u64) as usize;
            facts.rotate_left(turn);
            if seed % 2 == 0 { facts.reverse(); }
        }
        let shuffled = check(&value);
        prop_assert_eq!(straight.verdict, shuffled.verdict);
        prop_assert_eq!(straight.unmet, shuffled.unmet);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", years in prop::collection::vec(-9999i32..9999, 0..6)) {
        let mut value = person("bang-khen-thu-tuong", "so-noi-vu-thanh-hoa", "2025-09-15");
        value["candidate"]["name"] = json!(text);
        value["record"] = json!({"awards": years.iter().map(|year| json!({"award": "bang-khen-bo-ban-nganh-tinh", "year": year})).collect::<Vec<_>>()});
        let _ = DossierFile::parse(&text);
        let dossier = parse(&value);
        let _ = Law::embedded().validate(&dossier, agencies(), FAR);
        let _ = Law::embedded().check(&dossier, agencies(), None);
    }
}

#[test]
fn thousands_of_prior_awards_are_judged_once_a_year_and_not_once_each() {
    let mut value: Value = serde_json::from_str(include_str!(
        "../../../tests/samples/hung-yen-2025-huan-chuong-lao-dong-hang-ba.json"
    ))
    .unwrap();
    let awards = value["record"]["awards"].as_array_mut().unwrap();
    *awards = std::iter::repeat_n(awards.clone(), 2_000).flatten().collect();
    assert_eq!(check(&value).verdict, Verdict::Eligible);
}

#[test]
fn a_seniority_medal_needs_the_letter_and_the_list_that_the_system_makes() {
    let value: Value = serde_json::from_str(include_str!(
        "../../../tests/samples/bo-quoc-phong-2025-chien-si-ve-vang-hang-ba.json"
    ))
    .unwrap();
    let papers = check(&value).tree.documents;
    let due: Vec<_> = papers.iter().map(|paper| (paper.kind.as_str(), paper.due)).collect();
    assert_eq!(due, [("to-trinh", true), ("danh-sach-trich-ngang", false)]);
}
