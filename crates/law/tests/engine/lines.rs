//! Whom a dossier passes: by award, agency and day, and by line where a body stands under two.

use law::{Agencies, Agency, Basis, CandidateKind, Date, Level, Route};

use crate::build::{agencies, bare, day, law};

fn route(award: &str, kind: CandidateKind, agency: &str, letter: Date) -> Route {
    let d = bare(award, kind, agency, letter);
    law().route(&d, agencies(), letter).unwrap()
}

/// `level:appraiser` of each station, with `*` where a council meets and `!` where it is published; then who decides.
fn told(route: &Route) -> String {
    let stations = route.stations.iter().map(|station| {
        let council = if station.council.is_some() { "*" } else { "" };
        let published = if station.publication.is_some() { "!" } else { "" };
        format!("{}{council}{published}", station.appraiser)
    });
    let way: Vec<String> = stations.collect();
    format!("{} = {}", way.join(" > "), route.deciding_agency)
}

#[test]
fn the_way_follows_the_award_the_agency_and_the_day() {
    use CandidateKind::{Collective as C, Individual as P};
    let (in_2019, in_2024) = (day(2019, 9, 16), day(2024, 9, 16));
    let (last, first, in_2026) = (day(2025, 6, 30), day(2025, 7, 1), day(2026, 11, 2));
    let school = "truong-thcs-trung-vuong";
    let cases = [
        // A school under its district; under its ward once the districts are gone.
        (
            "chien-si-thi-dua-co-so",
            P,
            school,
            in_2019,
            "truong-thcs-trung-vuong* > quan-hoan-kiem* = quan-hoan-kiem",
        ),
        (
            "chien-si-thi-dua-co-so",
            P,
            school,
            last,
            "truong-thcs-trung-vuong* > quan-hoan-kiem* = quan-hoan-kiem",
        ),
        (
            "chien-si-thi-dua-co-so",
            P,
            school,
            first,
            "phuong-hoan-kiem* = phuong-hoan-kiem",
        ),
        (
            "lao-dong-tien-tien",
            P,
            school,
            in_2026,
            "truong-thcs-trung-vuong* = truong-thcs-trung-vuong",
        ),
        (
            "bang-khen-bo-ban-nganh-tinh",
            P,
            school,
            in_2024,
            "truong-thcs-trung-vuong > quan-hoan-kiem > thanh-pho-ha-noi* = thanh-pho-ha-noi",
        ),
        (
            "bang-khen-bo-ban-nganh-tinh",
            P,
            school,
            in_2026,
            "phuong-hoan-kiem > thanh-pho-ha-noi* = thanh-pho-ha-noi",
        ),
        // State-level awards: published before the council of the province meets; the President signs last.
        (
            "huan-chuong-lao-dong-hang-ba",
            P,
            "so-noi-vu-hung-yen",
            first,
            "so-noi-vu-hung-yen* > tinh-hung-yen*! > ban-td-kt-trung-uong = chu-tich-nuoc",
        ),
        (
            "bang-khen-thu-tuong",
            P,
            "so-noi-vu-hung-yen",
            first,
            "so-noi-vu-hung-yen* > tinh-hung-yen* > ban-td-kt-trung-uong = thu-tuong-chinh-phu",
        ),
        (
            "anh-hung-lao-dong",
            P,
            "so-noi-vu-hung-yen",
            in_2026,
            "so-noi-vu-hung-yen* > tinh-hung-yen*! > ban-td-kt-trung-uong* = chu-tich-nuoc",
        ),
        (
            "co-thi-dua-cua-chinh-phu",
            C,
            "tinh-hung-yen",
            last,
            "tinh-hung-yen* > ban-td-kt-trung-uong = chinh-phu",
        ),
        (
            "co-thi-dua-cua-chinh-phu",
            C,
            "tinh-hung-yen",
            first,
            "tinh-hung-yen* > ban-td-kt-trung-uong = thu-tuong-chinh-phu",
        ),
    ];
    for (award, kind, agency, letter, expected) in cases {
        assert_eq!(
            told(&route(award, kind, agency, letter)),
            expected,
            "{award} {agency} {letter}"
        );
    }
}

#[test]
fn no_way_passes_a_district_after_their_end() {
    for set in law().rule_sets() {
        let letter = crate::build::letter_day(set);
        for award in law().awards(&set.id) {
            for agency in ["truong-thcs-trung-vuong", "phuong-hac-thanh", "so-noi-vu-thanh-hoa"] {
                let d = bare(&award.code, CandidateKind::Individual, agency, letter);
                let Ok(route) = law().route(&d, agencies(), letter) else {
                    continue;
                };
                let districts = route.stations.iter().any(|station| station.level == Level::District);
                assert!(!districts || letter < day(2025, 7, 1), "{} {agency}", award.code);
                let levels: Vec<Level> = route.stations.iter().map(|station| station.level).collect();
                assert!(
                    levels.is_sorted() && levels.windows(2).all(|pair| pair[0] != pair[1]),
                    "{levels:?}"
                );
                assert_eq!(
                    route.stations.last().unwrap().decider.as_deref(),
                    Some(route.deciding_agency.as_str())
                );
            }
        }
    }
}

#[test]
fn the_simplified_procedure_has_neither_council_nor_publication_and_the_same_stations() {
    let letter = day(2025, 9, 15);
    let mut d = bare(
        "huan-chuong-lao-dong-hang-ba",
        CandidateKind::Individual,
        "so-noi-vu-hung-yen",
        letter,
    );
    let ordinary = law().route(&d, agencies(), letter).unwrap();
    for basis in [
        Basis::Extraordinary,
        Basis::Contribution,
        Basis::Seniority,
        Basis::Foreign,
    ] {
        d.basis = basis;
        let simple = law().route(&d, agencies(), letter).unwrap();
        assert_eq!(
            told(&simple),
            "so-noi-vu-hung-yen > tinh-hung-yen > ban-td-kt-trung-uong = chu-tich-nuoc"
        );
        assert_eq!(simple.stations.len(), ordinary.stations.len());
    }
    d.basis = Basis::Movement;
    assert_eq!(told(&law().route(&d, agencies(), letter).unwrap()), told(&ordinary));
}

/// A centre of a department that stands under a ministry as well, and a department of its own ministry.
fn two_lines() -> Agencies {
    let agency = |code: &str, level, parent: Option<&str>, second: Option<&str>| Agency {
        code: code.to_owned(),
        name: code.to_owned(),
        level,
        kind: String::new(),
        parent: parent.map(str::to_owned),
        second_parent: second.map(str::to_owned),
        from: None,
        to: None,
        successor: None,
        note: None,
    };
    let mut all: Vec<Agency> = agencies().iter().cloned().collect();
    all.push(agency("tinh-a", Level::MinistryOrProvince, None, None));
    all.push(agency("bo-b", Level::MinistryOrProvince, None, None));
    all.push(agency("cuc-b1", Level::Department, Some("bo-b"), None));
    all.push(agency("chi-cuc-ab", Level::Department, Some("tinh-a"), Some("cuc-b1")));
    all.push(agency("tram-ab", Level::Unit, Some("chi-cuc-ab"), None));
    Agencies::from_list(all)
}

#[test]
fn the_submitting_agency_chooses_the_line_of_a_body_under_two() {
    let agencies = two_lines();
    let letter = day(2025, 9, 15);
    let by = |submitter: &str| {
        let mut d = bare(
            "bang-khen-bo-ban-nganh-tinh",
            CandidateKind::Individual,
            "tram-ab",
            letter,
        );
        d.submitting_agency = submitter.to_owned();
        let route = law().route(&d, &agencies, letter).unwrap();
        let check = law().check(&d, &agencies, None).unwrap();
        assert_eq!(check.deciding_agency, route.deciding_agency);
        let warned = check
            .warnings
            .iter()
            .find(|note| note.en.contains("must not propose"))
            .map(|note| note.en.to_string());
        (told(&route), route.line, warned.unwrap_or_default())
    };
    let (way, line, warned) = by("tinh-a");
    assert_eq!(way, "tram-ab > chi-cuc-ab* > tinh-a* = tinh-a");
    assert_eq!(line.as_deref(), Some("tinh-a"));
    assert!(warned.contains("bo-b must not propose"), "{warned}");
    let (way, line, warned) = by("bo-b");
    assert_eq!(way, "tram-ab > cuc-b1* > bo-b* = bo-b");
    assert_eq!(line.as_deref(), Some("bo-b"));
    assert!(warned.contains("tinh-a must not propose"), "{warned}");
    assert_eq!(by("cuc-b1").1.as_deref(), Some("bo-b"));
    // Whoever stands on both lines climbs the first.
    assert_eq!(by("chi-cuc-ab").1.as_deref(), Some("tinh-a"));
    let extract = |code: &str| agencies.extract([code], []).get("bo-b").is_some();
    assert!(extract("tram-ab") && !extract("tinh-a"));
}

#[test]
fn a_body_under_one_line_names_none() {
    let route = route(
        "bang-khen-bo-ban-nganh-tinh",
        CandidateKind::Individual,
        "so-noi-vu-hung-yen",
        day(2025, 9, 15),
    );
    assert_eq!(route.line, None);
}
