//! Which way a dossier goes, and who decides.

use law::{Date, Law, Level};
use serde_json::Value;

use crate::{agencies, collective, person, route};

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
