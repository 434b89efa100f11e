//! What holds for every award and any text.

use law::{Date, DossierFile, Law, Verdict};
use proptest::prelude::*;
use serde_json::json;

use crate::{agencies, check, held, parse, person, ratings};

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
        let _ = Law::embedded().validate(&dossier, agencies(), Date::MAX);
        let _ = Law::embedded().check(&dossier, agencies(), None);
    }
}
