//! Single facts of the law: calendar, councils, money, limits, rule sets, data.

use law::{
    Agencies, Ballot, CandidateKind, CouncilRule, Date, DayUnit, Denominator, Fraction, Law, LawError, Level, Limit,
    LimitStep,
};

fn day(text: &str) -> Date {
    let part = |range: std::ops::Range<usize>| text[range].parse::<u16>().unwrap();
    let month = time::Month::try_from(part(5..7) as u8).unwrap();
    Date::from_calendar_date(i32::from(part(0..4)), month, part(8..10) as u8).unwrap()
}

fn law() -> &'static Law {
    Law::embedded()
}

#[test]
fn ten_working_days_of_publication_end_on_the_tenth() {
    let calendar = law().calendar();
    assert_eq!(calendar.period_end(day("2025-08-20"), 10).unwrap(), day("2025-09-04"));
    // A first day off is not counted.
    assert_eq!(calendar.period_end(day("2025-08-16"), 1).unwrap(), day("2025-08-18"));
}

#[test]
fn n_working_days_are_the_nth_after() {
    let calendar = law().calendar();
    assert_eq!(
        calendar.nth_working_day_after(day("2025-07-02"), 10).unwrap(),
        day("2025-07-16")
    );
    assert_eq!(
        calendar.nth_working_day_after(day("2025-07-02"), 0).unwrap(),
        day("2025-07-02")
    );
    // A Saturday worked in exchange for a bridge day counts.
    assert!(calendar.is_working(day("2026-08-22")).unwrap());
    assert!(!calendar.is_working(day("2026-08-31")).unwrap());
}

#[test]
fn a_limit_in_calendar_days_rolls_on_and_one_in_working_days_does_not_start_on_its_first() {
    let limit = |days, unit| Limit {
        days,
        unit,
        article: None,
        confirmed: true,
    };
    let calendar = law().calendar();
    assert_eq!(
        calendar
            .deadline(day("2025-08-25"), &limit(7, DayUnit::Calendar))
            .unwrap(),
        day("2025-09-03")
    );
    assert_eq!(
        calendar
            .deadline(day("2025-07-02"), &limit(10, DayUnit::Working))
            .unwrap(),
        day("2025-07-16")
    );
}

#[test]
fn a_year_without_data_is_refused() {
    assert_eq!(law().calendar().is_working(day("2027-03-01")).unwrap_err().year, 2027);
    assert_eq!(
        law()
            .calendar()
            .nth_working_day_after(day("2026-12-30"), 5)
            .unwrap_err()
            .year,
        2027
    );
}

fn rule(threshold_percent: u32) -> CouncilRule {
    CouncilRule {
        agency: "tinh-vinh-long".into(),
        threshold_percent,
        more_than_half: threshold_percent == 0,
        denominator: Denominator::AllMembers,
        quorum: Fraction { num: 2, den: 3 },
        ballot: Ballot::Secret,
        article: None,
        confirmed: true,
    }
}

#[test]
fn eight_of_ten_is_not_ninety_percent() {
    assert!(!rule(90).passed(8, 10, 8));
    assert!(rule(90).passed(9, 10, 9));
    assert!(rule(80).passed(8, 10, 8));
    assert!(!rule(90).passed(0, 0, 0));
}

#[test]
fn more_than_half_is_of_all_members() {
    assert!(!rule(0).passed(5, 10, 6));
    assert!(rule(0).passed(6, 10, 6));
    assert!(rule(0).passed(5, 9, 6));
    assert_eq!(rule(0).quorum_of(7), 5);
    assert_eq!(rule(0).quorum_of(9), 6);
}

#[test]
fn bonuses_are_rounded_up_to_ten_thousand_dong() {
    let vnd = |award: &str, kind, set: &str, on: &str| law().bonus(award, kind, set, day(on)).map(|bonus| bonus.vnd);
    let now = "decree-152-2025";
    let (one, all, house) = (
        CandidateKind::Individual,
        CandidateKind::Collective,
        CandidateKind::Household,
    );
    assert_eq!(
        vnd("huan-chuong-lao-dong-hang-ba", one, now, "2025-10-01"),
        Some(10_530_000)
    );
    assert_eq!(
        vnd("huan-chuong-lao-dong-hang-ba", all, now, "2025-10-01"),
        Some(21_060_000)
    );
    assert_eq!(vnd("giay-khen-cap-xa", one, now, "2025-10-01"), Some(710_000));
    assert_eq!(vnd("giay-khen-cap-xa", house, now, "2025-10-01"), Some(1_060_000));
    assert_eq!(vnd("giay-khen-cap-xa", one, "law-2022", "2025-06-01"), Some(710_000));
    assert_eq!(vnd("giay-khen-cap-xa", one, now, "2026-08-01"), Some(760_000));
    assert_eq!(
        vnd("co-thi-dua-cua-chinh-phu", all, now, "2025-10-01"),
        Some(28_080_000)
    );
    assert_eq!(
        vnd("chien-si-thi-dua-toan-quoc", one, "law-2026", "2026-11-01"),
        Some(11_390_000)
    );
    assert_eq!(vnd("chien-si-thi-dua-toan-quoc", all, now, "2025-10-01"), None);
    assert_eq!(vnd("huan-chuong-huu-nghi", one, now, "2025-10-01"), None);
    assert_eq!(vnd("giay-khen-cap-xa", one, "law-2003", "2018-01-01"), None);
    assert_eq!(vnd("no-such-award", one, now, "2025-10-01"), None);
}

#[test]
fn a_bonus_says_whether_it_was_read() {
    let bonus = |set| {
        law()
            .bonus(
                "chien-si-thi-dua-co-so",
                CandidateKind::Individual,
                set,
                day("2023-12-01"),
            )
            .unwrap()
    };
    assert!(bonus("law-2022").confirmed);
    let borrowed = bonus("law-2003");
    assert!(!borrowed.confirmed);
    assert_eq!(borrowed.article, None);
    assert_eq!(borrowed.coefficient.to_string(), "1.0");
}

#[test]
fn time_limits_follow_the_rule_set_and_the_award() {
    let days = |set, award, level, step| law().time_limit(set, award, level, step).map(|limit| limit.days);
    let (appraisal, top) = (LimitStep::Appraisal, Level::MinistryOrProvince);
    assert_eq!(
        days("decree-152-2025", "huan-chuong-lao-dong-hang-ba", top, appraisal),
        Some(30)
    );
    assert_eq!(
        days("decree-152-2025", "huan-chuong-doc-lap-hang-ba", top, appraisal),
        Some(40)
    );
    assert_eq!(days("law-2026", "anh-hung-lao-dong", top, appraisal), Some(40));
    assert_eq!(
        days("decree-152-2025", "bang-khen-bo-ban-nganh-tinh", top, appraisal),
        Some(25)
    );
    assert_eq!(
        days("law-2022", "bang-khen-thu-tuong", Level::State, appraisal),
        Some(20)
    );
    assert_eq!(days("law-2003", "lao-dong-tien-tien", Level::Unit, appraisal), Some(10));
    assert_eq!(days("law-2022", "lao-dong-tien-tien", Level::Unit, appraisal), Some(20));
    assert_eq!(
        days("law-2022", "lao-dong-tien-tien", Level::Department, appraisal),
        None
    );
    assert_eq!(
        days("decree-152-2025", "bang-khen-thu-tuong", top, LimitStep::Consultation),
        Some(10)
    );
}

#[test]
fn a_dossier_crosses_by_its_letter_and_from_2026_by_its_receipt() {
    let set = |letter: &str, received: Option<&str>| law().rule_set_for(day(letter), received.map(day)).unwrap();
    assert_eq!(set("2019-06-15", None), "law-2003");
    assert_eq!(set("2023-12-29", Some("2024-01-05")), "law-2003");
    assert_eq!(set("2024-01-01", None), "law-2022");
    assert_eq!(set("2025-06-30", Some("2025-07-02")), "law-2022");
    assert_eq!(set("2025-06-30", Some("2026-10-02")), "law-2022");
    assert_eq!(set("2025-07-01", None), "decree-152-2025");
    assert_eq!(set("2026-09-30", Some("2026-10-01")), "law-2026");
    assert_eq!(set("2026-09-30", None), "decree-152-2025");
    assert_eq!(set("2026-10-01", None), "law-2026");
    assert_eq!(
        law().rule_set_for(day("2017-09-30"), None),
        Err(LawError::NoRuleSet(day("2017-09-30")))
    );
    assert!(law().rule_set_for(day("2027-03-01"), None).is_err());
}

#[test]
fn the_data_is_whole() {
    let dir = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data");
    let loaded = Law::load(&dir).unwrap();
    for set in law().rule_sets() {
        assert_eq!(loaded.digest(&set.id), law().digest(&set.id));
        assert_eq!(loaded.digest(&set.id).len(), 64);
        for award in law().awards(&set.id) {
            for criterion in &award.criteria {
                assert!(
                    law::CRITERION_TYPES.contains(&criterion.kind.as_str()),
                    "{} {}",
                    award.code,
                    criterion.kind
                );
            }
        }
    }
    assert_eq!(law().awards("law-2022").len(), 65);
    assert_eq!(law().digest("no-such-set"), "");
    assert!(matches!(Law::load(&dir.join("none")), Err(LawError::Data { .. })));
}

#[test]
fn what_is_borrowed_from_a_later_law_shows_no_article_of_it() {
    for award in law().awards("law-2003") {
        let later = |article: &Option<String>| {
            article
                .as_ref()
                .is_some_and(|a| a.contains("2022") || a.contains("152"))
        };
        assert!(!later(&award.article), "{}", award.code);
        assert!(
            award.criteria.iter().all(|criterion| !later(&criterion.article)),
            "{}",
            award.code
        );
    }
}

#[test]
fn a_renamed_award_is_the_same_award() {
    assert!(law().same_award("xa-phuong-thi-tran-tieu-bieu", "xa-phuong-dac-khu-tieu-bieu"));
    assert!(!law().same_award("lao-dong-tien-tien", "chien-si-tien-tien"));
    assert!(
        law()
            .award_in("xa-phuong-thi-tran-tieu-bieu", "decree-152-2025")
            .unwrap()
            .ended
            .is_some()
    );
    assert!(!law().award("giay-khen-cap-huyen").unwrap().name_en.is_empty());
}

#[test]
fn a_successor_acts_for_an_agency_that_is_gone() {
    let agencies = Agencies::embedded();
    let acting = |code, on: &str| agencies.acting_on(code, day(on)).map(|agency| agency.code.as_str());
    assert_eq!(acting("tinh-ben-tre", "2025-06-30"), Some("tinh-ben-tre"));
    assert_eq!(acting("tinh-ben-tre", "2025-07-01"), Some("tinh-vinh-long"));
    assert_eq!(acting("quan-hoan-kiem", "2026-01-01"), Some("phuong-hoan-kiem"));
    assert_eq!(acting("phuong-hoan-kiem", "2020-01-01"), None);
    assert_eq!(acting("nowhere", "2020-01-01"), None);
    assert!(!agencies.exists_on("tinh-ben-tre", day("2025-07-01")));
}
