//! Lower awards after a failed vote: which there are, and that the way left for one is the way that it has by itself.

use law::{Law, Level};

use crate::{agencies, person, route};

const TODAY: time::Date = time::macros::date!(2025 - 09 - 15);

fn law() -> &'static Law {
    Law::embedded()
}

fn codes(award: &str) -> Vec<&'static str> {
    let lower = law().lower_awards(award, "decree-152-2025");
    lower.iter().map(|lower| lower.award.code.as_str()).collect()
}

#[test]
fn an_award_has_lower_ones_of_its_kind_the_next_first() {
    let title = "chien-si-thi-dua-bo-ban-nganh-tinh";
    assert_eq!(codes("chien-si-thi-dua-toan-quoc")[0], title);
    assert_eq!(codes(title), ["chien-si-thi-dua-co-so", "lao-dong-tien-tien"]);
    assert_eq!(
        codes("huan-chuong-lao-dong-hang-nhat"),
        ["huan-chuong-lao-dong-hang-nhi", "huan-chuong-lao-dong-hang-ba"]
    );
    assert!(codes("huan-chuong-lao-dong-hang-ba").is_empty());
    assert!(codes("so-noi-vu-hung-yen/nguoi-tot").is_empty());
    let certificates = law().lower_awards("bang-khen-thu-tuong", "decree-152-2025");
    assert!(certificates.iter().all(|lower| !lower.confirmed) && !certificates.is_empty());
}

#[test]
fn every_rule_set_orders_awards_that_it_gives() {
    for set in law().rule_sets() {
        for award in law().awards(&set.id) {
            for lower in law().lower_awards(&award.code, &set.id) {
                assert_eq!(
                    lower.award.kind, award.kind,
                    "{} below {}",
                    lower.award.code, award.code
                );
            }
        }
    }
}

/// From every station of every way: the rest is as if the lower award had been proposed from the beginning.
#[test]
fn the_way_left_for_a_lower_award_is_its_own_way() {
    let agencies = agencies();
    let mut compared = 0;
    for unit in [
        "so-noi-vu-hung-yen",
        "truong-thcs-trung-vuong",
        "phuong-hoan-kiem",
        "tinh-hung-yen",
    ] {
        for award in [
            "chien-si-thi-dua-toan-quoc",
            "huan-chuong-lao-dong-hang-nhat",
            "huan-chuong-doc-lap-hang-nhi",
        ] {
            let proposed = route(&person(award, unit, "2025-09-15"));
            for lower in law().lower_awards(award, &proposed.rule_set) {
                let own = route(&person(&lower.award.code, unit, "2025-09-15"));
                for at in 0..proposed.stations.len() {
                    let left = law().lowered((&proposed, unit), at, lower.award, agencies, TODAY);
                    let Some(left) = left else {
                        let decides = own.stations.last().expect("a station");
                        let rest = &proposed.stations[at..];
                        let comes_by = rest.iter().any(|station| station.appraiser == decides.appraiser);
                        assert!(!comes_by, "{award} → {} at {at} of {unit}", lower.award.code);
                        continue;
                    };
                    assert_eq!(left.stations[..at], proposed.stations[..at]);
                    assert_eq!(
                        left.stations[at..],
                        own.stations[at..],
                        "{} of {unit}",
                        lower.award.code
                    );
                    assert_eq!(left.deciding_agency, own.deciding_agency);
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 20, "only {compared}");
}

#[test]
fn a_title_of_the_province_is_decided_there_and_not_by_the_state() {
    let proposed = route(&person(
        "chien-si-thi-dua-toan-quoc",
        "so-noi-vu-hung-yen",
        "2025-09-15",
    ));
    let lower = law().lower_awards("chien-si-thi-dua-toan-quoc", &proposed.rule_set);
    let province = law()
        .lowered((&proposed, "so-noi-vu-hung-yen"), 1, lower[0].award, agencies(), TODAY)
        .expect("a way");
    let last = province.stations.last().expect("a station");
    assert_eq!(
        (last.level, last.decider.as_deref()),
        (Level::MinistryOrProvince, Some("tinh-hung-yen"))
    );
    assert_eq!(
        law().lowered((&proposed, "so-noi-vu-hung-yen"), 1, lower[1].award, agencies(), TODAY),
        None
    );
}

/// So that the next session may take it up at once: what the lower award asks to be published was published before.
#[test]
fn no_lower_award_asks_for_a_publication_that_the_higher_one_did_not() {
    let mut compared = 0;
    for letter in ["2023-04-18", "2024-06-03", "2025-09-15", "2026-10-12"] {
        for unit in ["so-noi-vu-thanh-hoa", "tinh-thanh-hoa"] {
            for award in law().rule_sets().iter().flat_map(|set| law().awards(&set.id)) {
                let proposed = person(&award.code, unit, letter);
                let Ok(proposed) = law().route(&crate::parse(&proposed), agencies(), TODAY) else {
                    continue;
                };
                for lower in law().lower_awards(&award.code, &proposed.rule_set) {
                    for at in 0..proposed.stations.len() {
                        let left = law().lowered((&proposed, unit), at, lower.award, agencies(), TODAY);
                        let Some(left) = left else { continue };
                        let days = |route: &law::Route| route.stations[at].publication.as_ref().map(|rule| rule.days);
                        let (asked, done) = (days(&left), days(&proposed));
                        assert!(
                            asked <= done,
                            "{} below {} in {}: {asked:?} after {done:?}",
                            lower.award.code,
                            award.code,
                            proposed.rule_set
                        );
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 100, "only {compared}");
}
