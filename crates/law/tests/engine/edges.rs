//! The rules over all awards, at their edges.

use law::{
    Award, Basis, CandidateKind, Date, DossierFile, Initiative, InitiativeKind, PastAchievement, Post, Proceeding,
    ProceedingKind, Rating, Scope, Sex, Status, Verdict,
};

use crate::build::{agencies, answer, bare, check, day, held, law, rated};

const PERSON: CandidateKind = CandidateKind::Individual;

/// A certificate of the Prime Minister, all that it takes held.
fn certificate(letter: Date) -> DossierFile {
    let mut d = bare("bang-khen-thu-tuong", PERSON, "so-noi-vu-hung-yen", letter);
    let last = letter.year() - 1;
    d.record.ratings = rated(last - 5, last, Rating::HoanThanhTot);
    d.record.awards = vec![held("bang-khen-bo-ban-nganh-tinh", last - 6)];
    d.record
        .awards
        .extend((last - 4..=last).map(|year| held("chien-si-thi-dua-co-so", year)));
    d.documents
        .extend(["bien-ban-xet-khen-thuong", "bien-ban-binh-xet"].map(crate::build::paper));
    d
}

fn medal_in(year: i32, month: u8, basis: Basis) -> Award {
    Award {
        date: Some(day(year, month, 10)),
        basis,
        ..held("huan-chuong-dung-cam", year)
    }
}

#[test]
fn one_state_level_form_a_year_is_refused_warned_of_or_allowed_by_rule_set() {
    let cases = [
        (day(2022, 9, 15), Some(Verdict::NotEligible), true),
        (day(2024, 9, 16), None, true),
        (day(2025, 9, 15), None, false),
    ];
    for (letter, refused, warned) in cases {
        let bare_verdict = check(&certificate(letter)).verdict;
        let mut d = certificate(letter);
        d.record.awards.push(medal_in(letter.year(), 2, Basis::Merit));
        let result = check(&d);
        assert_eq!(result.verdict, refused.unwrap_or(bare_verdict), "{letter}");
        let told = result
            .warnings
            .iter()
            .any(|note| note.en.contains("state-level award in the same year"));
        assert_eq!(told, warned, "{letter}");
        assert_eq!(
            result.unmet.contains(&"one-state-award-a-year".to_owned()),
            refused.is_some(),
            "{letter}"
        );
    }
}

#[test]
fn extraordinary_contribution_and_seniority_do_not_count_as_the_form_of_the_year_and_a_thematic_one_does() {
    let letter = day(2022, 9, 15);
    let with = |award: Award| {
        let mut d = certificate(letter);
        d.record.awards.push(award);
        check(&d).unmet.contains(&"one-state-award-a-year".to_owned())
    };
    for basis in [Basis::Extraordinary, Basis::Contribution, Basis::Seniority] {
        assert!(!with(medal_in(2022, 2, basis)), "{basis:?}");
    }
    assert!(with(medal_in(2022, 2, Basis::Merit)));
    assert!(with(medal_in(2022, 2, Basis::Movement)));
    assert!(!with(medal_in(2021, 2, Basis::Merit)));
    let revoked = Award {
        revoked_on: Some(day(2022, 5, 1)),
        ..medal_in(2022, 2, Basis::Merit)
    };
    assert!(!with(revoked));
    // And the award that is asked for may be excepted itself.
    let mut d = certificate(letter);
    d.basis = Basis::Extraordinary;
    d.record.awards.push(medal_in(2022, 2, Basis::Merit));
    assert!(!check(&d).unmet.contains(&"one-state-award-a-year".to_owned()));
}

#[test]
fn a_title_is_given_once_a_year_and_an_annulled_one_was_never_given() {
    let mut d = bare("lao-dong-tien-tien", PERSON, "so-noi-vu-hung-yen", day(2025, 1, 10));
    d.record.awards = vec![held("lao-dong-tien-tien", 2024)];
    assert!(check(&d).unmet.contains(&"one-form-one-achievement".to_owned()));
    d.record.awards[0].revoked_on = Some(day(2025, 1, 2));
    assert!(!check(&d).unmet.contains(&"one-form-one-achievement".to_owned()));
    d.record.awards = vec![held("lao-dong-tien-tien", 2023)];
    assert!(!check(&d).unmet.contains(&"one-form-one-achievement".to_owned()));
}

#[test]
fn one_act_receives_one_form_whatever_the_form() {
    let mut d = bare("giay-khen-don-vi", PERSON, "so-noi-vu-hung-yen", day(2025, 9, 15));
    d.achievement.act = Some("Cứu người ngày 12/8/2025".to_owned());
    let mut before = held("bang-khen-bo-ban-nganh-tinh", 2025);
    before.achievement = Some(PastAchievement {
        act: Some("cứu người  ngày 12/8/2025".to_owned()),
        ..PastAchievement::default()
    });
    d.record.awards = vec![before];
    assert!(check(&d).unmet.contains(&"one-form-one-achievement".to_owned()));
}

#[test]
fn the_dossier_waits_for_every_kind_of_open_proceeding_and_for_none_that_is_closed() {
    let letter = day(2025, 9, 15);
    for kind in [
        ProceedingKind::Discipline,
        ProceedingKind::Investigation,
        ProceedingKind::Inspection,
        ProceedingKind::Complaint,
        ProceedingKind::PressReport,
    ] {
        let mut d = certificate(letter);
        let proceeding = |closed_on| Proceeding {
            kind,
            opened_on: day(2025, 9, 1),
            closed_on,
        };
        d.record.proceedings = vec![proceeding(None)];
        let held = check(&d);
        assert_eq!((held.verdict, held.holds.len()), (Verdict::OnHold, 1));
        d.record.proceedings = vec![proceeding(Some(letter))];
        assert_eq!(check(&d).verdict, check(&certificate(letter)).verdict);
        // One that opens later is not known yet on that day.
        d.record.proceedings = vec![Proceeding {
            opened_on: day(2025, 9, 16),
            ..proceeding(None)
        }];
        assert!(check(&d).holds.is_empty());
    }
}

#[test]
fn titles_of_a_district_that_is_dissolved_count() {
    let mut d = certificate(day(2026, 3, 16));
    for award in &mut d.record.awards {
        award.issuer = Some("Chủ tịch UBND quận Hoàn Kiếm".to_owned());
    }
    let result = check(&d);
    let counted = result
        .tree
        .paths
        .iter()
        .flat_map(|path| &path.criteria)
        .find(|leaf| leaf.criterion == "title-count");
    assert_eq!(counted.unwrap().status, Status::Met);
    assert!(result.unmet.is_empty(), "{:?}", result.unmet);
}

#[test]
fn a_collective_that_is_dissolved_receives_nothing_since_2025() {
    let gone = "so-noi-vu-thai-binh";
    let named = |letter| {
        let d = bare("giay-khen-don-vi", CandidateKind::Collective, gone, letter);
        let unmet = law().check(&d, agencies(), None).map(|check| check.unmet);
        unmet.is_ok_and(|unmet| unmet.contains(&"no-award-to-dissolved-agency".to_owned()))
    };
    assert!(named(day(2025, 9, 15)));
    assert!(!named(day(2024, 9, 16)));
}

#[test]
fn the_flag_of_the_government_is_still_chosen_among_the_leaders_under_decree_152() {
    // The entries of the decree replace nothing: they stand beside those of the law, and all of a path must hold.
    let d = bare(
        "co-thi-dua-cua-chinh-phu",
        CandidateKind::Collective,
        "so-noi-vu-hung-yen",
        day(2025, 9, 15),
    );
    let check = check(&d);
    let path = check
        .tree
        .paths
        .iter()
        .find(|path| path.path == "cluster-flag")
        .unwrap();
    let types: Vec<&str> = path.criteria.iter().map(|leaf| leaf.criterion.as_str()).collect();
    assert!(
        types.contains(&"top-selection") && types.contains(&"declared"),
        "{types:?}"
    );
}

fn posts(award: &str, letter: Date, posts: &[(&str, i32, i32)]) -> DossierFile {
    let mut d = bare(award, PERSON, "so-noi-vu-hung-yen", letter);
    d.basis = Basis::Contribution;
    let post = |(post, from, to): &(&str, i32, i32)| Post {
        post: (*post).to_owned(),
        from: day(*from, 1, 1),
        to: Some(day(*to, 12, 31)),
    };
    d.record.posts = posts.iter().map(post).collect();
    d
}

fn contribution(d: &DossierFile) -> (Status, Option<u32>, Option<String>) {
    let check = check(d);
    let leaves = check.tree.paths.iter().flat_map(|path| &path.criteria);
    let leaf = leaves
        .into_iter()
        .find(|leaf| leaf.criterion == "contribution-post")
        .unwrap();
    (leaf.status, leaf.have, leaf.article.as_ref().map(ToString::to_string))
}

#[test]
fn years_short_for_a_post_are_added_to_the_next_lower_listed_one() {
    let letter = day(2025, 9, 15);
    let third = "huan-chuong-lao-dong-hang-ba";
    // Two years above and four in the post make the six that the post asks.
    let (status, years, article) = contribution(&posts(
        third,
        letter,
        &[("vu-truong", 2010, 2013), ("thu-truong", 2014, 2015)],
    ));
    assert_eq!((status, years), (Status::Met, Some(6)));
    assert!(article.unwrap().contains("Đ21"));
    // A lower post adds nothing to a higher one.
    let (status, ..) = contribution(&posts(
        third,
        letter,
        &[("vu-truong", 2010, 2013), ("pho-vu-truong", 2014, 2015)],
    ));
    assert_eq!(status, Status::NotMet);
    // Posts held at the same time count once.
    let (status, ..) = contribution(&posts(
        third,
        letter,
        &[("vu-truong", 2010, 2013), ("thu-truong", 2012, 2013)],
    ));
    assert_eq!(status, Status::NotMet);
    // The rule is of decree 152.
    let (status, ..) = contribution(&posts(
        third,
        day(2024, 9, 16),
        &[("vu-truong", 2010, 2011), ("thu-truong", 2012, 2012)],
    ));
    assert_ne!(status, Status::Met);
}

#[test]
fn years_enough_for_a_post_are_not_added_to_a_lower_one() {
    let letter = day(2025, 9, 15);
    let third = "huan-chuong-lao-dong-hang-ba";
    // Twelve years as head are of the second class: as years of a deputy they are none of the third.
    let head = [("giam-doc-so", 2013, 2024)];
    assert_eq!(contribution(&posts(third, letter, &head)).0, Status::NotMet);
    let second = "huan-chuong-lao-dong-hang-nhi";
    assert_eq!(contribution(&posts(second, letter, &head)).0, Status::Met);
    // Seven years as head are enough of themselves, whatever post came before.
    let both = [("pho-vu-truong", 2006, 2015), ("vu-truong", 2016, 2022)];
    assert_eq!(contribution(&posts(third, letter, &both)).0, Status::Met);
    // A post above all that the award lists, held long enough for a higher class.
    let above = [("thu-truong", 2013, 2024)];
    assert_eq!(contribution(&posts(third, letter, &above)).0, Status::NotMet);
}

#[test]
fn a_woman_needs_a_third_less_time_in_post() {
    let mut d = posts(
        "huan-chuong-lao-dong-hang-ba",
        day(2025, 9, 15),
        &[("vu-truong", 2010, 2013)],
    );
    assert_eq!(contribution(&d).0, Status::NotMet);
    d.candidate.sex = Some(Sex::Female);
    assert_eq!(contribution(&d).0, Status::Met);
}

#[test]
fn what_a_person_answers_for_a_path_does_not_answer_its_machine() {
    let mut d = bare(
        "chien-si-thi-dua-bo-ban-nganh-tinh",
        PERSON,
        "so-noi-vu-hung-yen",
        day(2025, 9, 15),
    );
    assert_eq!(check(&d).verdict, Verdict::NotEligible);
    d.declared = law::CRITERION_TYPES.map(answer).to_vec();
    assert_eq!(check(&d).verdict, Verdict::NotEligible);
}

#[test]
fn initiatives_of_the_same_window_are_of_the_excellent_years() {
    let initiative = |year: i32| Initiative {
        title: "Giải pháp".to_owned(),
        kind: InitiativeKind::Initiative,
        scope: Scope::Grassroots,
        year,
        recognised_by: None,
        decision: None,
    };
    let with = |first: i32, second: i32| {
        let letter = day(2025, 3, 18);
        let mut d = bare("bang-khen-bo-ban-nganh-tinh", PERSON, "so-noi-vu-hung-yen", letter);
        d.achievement.from = day(2020, 1, 1);
        d.record.ratings = rated(2023, 2024, Rating::HoanThanhXuatSac);
        d.record.initiatives = [first, second].map(initiative).to_vec();
        check(&d).unmet.contains(&"initiative-or-research".to_owned())
    };
    assert!(!with(2023, 2024));
    assert!(with(2022, 2024), "the year before the two is outside of them");
    assert!(with(2020, 2024), "however far the achievements reach back");
}
