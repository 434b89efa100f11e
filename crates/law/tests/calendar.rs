//! The working calendar against a table that was counted by hand, on paper, day by day. Whoever doubts a line counts
//! again along its comment: a number before a day is the count of working days there.

use law::{Calendar, Date, DayException, DayKind, DayUnit, Law};
use time::macros::date;

fn calendar() -> &'static Calendar {
    Law::embedded().calendar()
}

/// What was counted from one day: limits of 10, 20 and 25 working days, of 7, 10 and 30 days, and a publication of
/// 10 working days, whose first day counts.
struct Counted {
    from: Date,
    working: [Date; 3],
    calendar: [Date; 3],
    publication: Date,
}

/// New Year 2026: Thu 1 and Fri 2 January off, Sat 10 January worked for the 2nd.
/// Tết 2026: Mon 16 to Fri 20 February off, so 14 to 22 February without a break.
/// Mon 27 April off for the Hùng Kings (the 26th is a Sunday), Thu 30 April and Fri 1 May off.
/// Mon 31 August, Tue 1 and Wed 2 September off, Sat 22 August worked for the 31st.
/// In 2025: Mon 1 and Tue 2 September off.
const BY_HAND: [Counted; 9] = [
    // From Mon 29 December 2025.
    Counted {
        from: date!(2025 - 12 - 29),
        working: [
            // 1 Tue 30, 2 Wed 31 | 3 Mon 5, 4 Tue 6, 5 Wed 7, 6 Thu 8, 7 Fri 9, 8 Sat 10 (worked) | 9 Mon 12, 10 Tue 13.
            date!(2026 - 01 - 13),
            // 11 Wed 14, 12 Thu 15, 13 Fri 16 | 14 Mon 19 … 18 Fri 23 | 19 Mon 26, 20 Tue 27.
            date!(2026 - 01 - 27),
            // 21 Wed 28, 22 Thu 29, 23 Fri 30 | 24 Mon 2 February, 25 Tue 3.
            date!(2026 - 02 - 03),
        ],
        calendar: [
            // 2 days to 31 December, 5 more: Mon 5.
            date!(2026 - 01 - 05),
            // 2 and 8: Thu 8.
            date!(2026 - 01 - 08),
            // 2 and 28: Wed 28.
            date!(2026 - 01 - 28),
        ],
        // 1 Mon 29, 2 Tue 30, 3 Wed 31 | 4 Mon 5 … 8 Fri 9, 9 Sat 10 (worked) | 10 Mon 12.
        publication: date!(2026 - 01 - 12),
    },
    // From Fri 26 December 2025.
    Counted {
        from: date!(2025 - 12 - 26),
        working: [
            // 1 Mon 29, 2 Tue 30, 3 Wed 31 | 4 Mon 5 … 8 Fri 9, 9 Sat 10 (worked) | 10 Mon 12.
            date!(2026 - 01 - 12),
            // 11 Tue 13 … 14 Fri 16 | 15 Mon 19 … 19 Fri 23 | 20 Mon 26.
            date!(2026 - 01 - 26),
            // 21 Tue 27 … 24 Fri 30 | 25 Mon 2 February.
            date!(2026 - 02 - 02),
        ],
        calendar: [
            // 5 days to 31 December, 2 more: Fri 2, off; Sat 3, Sun 4; on to Mon 5.
            date!(2026 - 01 - 05),
            // 5 and 5: Mon 5.
            date!(2026 - 01 - 05),
            // 5 and 25: Sun 25, on to Mon 26.
            date!(2026 - 01 - 26),
        ],
        // 1 Fri 26 | 2 Mon 29, 3 Tue 30, 4 Wed 31 | 5 Mon 5 … 9 Fri 9, 10 Sat 10: it ends on the worked Saturday.
        publication: date!(2026 - 01 - 10),
    },
    // From Sat 3 January 2026, a day off.
    Counted {
        from: date!(2026 - 01 - 03),
        working: [
            // 1 Mon 5 … 5 Fri 9, 6 Sat 10 (worked) | 7 Mon 12, 8 Tue 13, 9 Wed 14, 10 Thu 15.
            date!(2026 - 01 - 15),
            // 11 Fri 16 | 12 Mon 19 … 16 Fri 23 | 17 Mon 26, 18 Tue 27, 19 Wed 28, 20 Thu 29.
            date!(2026 - 01 - 29),
            // 21 Fri 30 | 22 Mon 2 February, 23 Tue 3, 24 Wed 4, 25 Thu 5.
            date!(2026 - 02 - 05),
        ],
        calendar: [
            // Sat 10 is worked: it ends there and rolls nowhere.
            date!(2026 - 01 - 10),
            // Tue 13.
            date!(2026 - 01 - 13),
            // 28 days to 31 January, 2 more: Mon 2 February.
            date!(2026 - 02 - 02),
        ],
        // Sat 3 and Sun 4 do not count: as 10 working days.
        publication: date!(2026 - 01 - 15),
    },
    // From Mon 9 February 2026.
    Counted {
        from: date!(2026 - 02 - 09),
        working: [
            // 1 Tue 10, 2 Wed 11, 3 Thu 12, 4 Fri 13 | Tết | 5 Mon 23 … 9 Fri 27 | 10 Mon 2 March.
            date!(2026 - 03 - 02),
            // 11 Tue 3 … 14 Fri 6 | 15 Mon 9 … 19 Fri 13 | 20 Mon 16.
            date!(2026 - 03 - 16),
            // 21 Tue 17 … 24 Fri 20 | 25 Mon 23.
            date!(2026 - 03 - 23),
        ],
        calendar: [
            // Mon 16, Tết; on to Mon 23.
            date!(2026 - 02 - 23),
            // Thu 19, Tết; on to Mon 23.
            date!(2026 - 02 - 23),
            // 19 days to 28 February, 11 more: Wed 11 March.
            date!(2026 - 03 - 11),
        ],
        // 1 Mon 9 … 5 Fri 13 | Tết | 6 Mon 23 … 10 Fri 27.
        publication: date!(2026 - 02 - 27),
    },
    // From Fri 13 February 2026, the last day before Tết.
    Counted {
        from: date!(2026 - 02 - 13),
        working: [
            // Tết | 1 Mon 23 … 5 Fri 27 | 6 Mon 2 March … 10 Fri 6.
            date!(2026 - 03 - 06),
            // 11 Mon 9 … 15 Fri 13 | 16 Mon 16 … 20 Fri 20.
            date!(2026 - 03 - 20),
            // 21 Mon 23 … 25 Fri 27.
            date!(2026 - 03 - 27),
        ],
        calendar: [
            // Fri 20, Tết; on to Mon 23.
            date!(2026 - 02 - 23),
            // Mon 23.
            date!(2026 - 02 - 23),
            // 15 days to 28 February, 15 more: Sun 15 March, on to Mon 16.
            date!(2026 - 03 - 16),
        ],
        // 1 Fri 13 | Tết | 2 Mon 23 … 6 Fri 27 | 7 Mon 2, 8 Tue 3, 9 Wed 4, 10 Thu 5.
        publication: date!(2026 - 03 - 05),
    },
    // From Mon 20 April 2026.
    Counted {
        from: date!(2026 - 04 - 20),
        working: [
            // 1 Tue 21 … 4 Fri 24 | Mon 27 off, 5 Tue 28, 6 Wed 29, Thu 30 and Fri 1 May off | 7 Mon 4 … 10 Thu 7.
            date!(2026 - 05 - 07),
            // 11 Fri 8 | 12 Mon 11 … 16 Fri 15 | 17 Mon 18 … 20 Thu 21.
            date!(2026 - 05 - 21),
            // 21 Fri 22 | 22 Mon 25 … 25 Thu 28.
            date!(2026 - 05 - 28),
        ],
        calendar: [
            // Mon 27, off; on to Tue 28.
            date!(2026 - 04 - 28),
            // Thu 30, off; Fri 1 May off, Sat 2, Sun 3; on to Mon 4.
            date!(2026 - 05 - 04),
            // 10 days to 30 April, 20 more: Wed 20 May.
            date!(2026 - 05 - 20),
        ],
        // 1 Mon 20 … 5 Fri 24 | 6 Tue 28, 7 Wed 29 | 8 Mon 4, 9 Tue 5, 10 Wed 6.
        publication: date!(2026 - 05 - 06),
    },
    // From Tue 18 August 2026.
    Counted {
        from: date!(2026 - 08 - 18),
        working: [
            // 1 Wed 19, 2 Thu 20, 3 Fri 21, 4 Sat 22 (worked) | 5 Mon 24 … 9 Fri 28 | 31, 1, 2 off, 10 Thu 3 September.
            date!(2026 - 09 - 03),
            // 11 Fri 4 | 12 Mon 7 … 16 Fri 11 | 17 Mon 14 … 20 Thu 17.
            date!(2026 - 09 - 17),
            // 21 Fri 18 | 22 Mon 21 … 25 Thu 24.
            date!(2026 - 09 - 24),
        ],
        calendar: [
            // Tue 25.
            date!(2026 - 08 - 25),
            // Fri 28.
            date!(2026 - 08 - 28),
            // 13 days to 31 August, 17 more: Thu 17 September.
            date!(2026 - 09 - 17),
        ],
        // 1 Tue 18 … 4 Fri 21, 5 Sat 22 (worked) | 6 Mon 24 … 10 Fri 28.
        publication: date!(2026 - 08 - 28),
    },
    // From Mon 24 August 2026.
    Counted {
        from: date!(2026 - 08 - 24),
        working: [
            // 1 Tue 25 … 4 Fri 28 | 31, 1, 2 off, 5 Thu 3, 6 Fri 4 | 7 Mon 7, 8 Tue 8, 9 Wed 9, 10 Thu 10.
            date!(2026 - 09 - 10),
            // 11 Fri 11 | 12 Mon 14 … 16 Fri 18 | 17 Mon 21 … 20 Thu 24.
            date!(2026 - 09 - 24),
            // 21 Fri 25 | 22 Mon 28, 23 Tue 29, 24 Wed 30, 25 Thu 1 October.
            date!(2026 - 10 - 01),
        ],
        calendar: [
            // Mon 31, off; 1 and 2 September off; on to Thu 3.
            date!(2026 - 09 - 03),
            // 7 days to 31 August, 3 more: Thu 3.
            date!(2026 - 09 - 03),
            // 7 and 23: Wed 23.
            date!(2026 - 09 - 23),
        ],
        // 1 Mon 24 … 5 Fri 28 | 6 Thu 3, 7 Fri 4 | 8 Mon 7, 9 Tue 8, 10 Wed 9.
        publication: date!(2026 - 09 - 09),
    },
    // From Wed 20 August 2025, where an office's own publication is known to have ended on 4 September.
    Counted {
        from: date!(2025 - 08 - 20),
        working: [
            // 1 Thu 21, 2 Fri 22 | 3 Mon 25 … 7 Fri 29 | 1 and 2 off, 8 Wed 3, 9 Thu 4, 10 Fri 5.
            date!(2025 - 09 - 05),
            // 11 Mon 8 … 15 Fri 12 | 16 Mon 15 … 20 Fri 19.
            date!(2025 - 09 - 19),
            // 21 Mon 22 … 25 Fri 26.
            date!(2025 - 09 - 26),
        ],
        calendar: [
            // Wed 27.
            date!(2025 - 08 - 27),
            // Sat 30, Sun 31, 1 and 2 September off; on to Wed 3.
            date!(2025 - 09 - 03),
            // 11 days to 31 August, 19 more: Fri 19.
            date!(2025 - 09 - 19),
        ],
        // 1 Wed 20, 2 Thu 21, 3 Fri 22 | 4 Mon 25 … 8 Fri 29 | 9 Wed 3, 10 Thu 4.
        publication: date!(2025 - 09 - 04),
    },
];

#[test]
fn three_hard_stretches_and_a_known_publication_are_as_counted_by_hand() {
    let days = calendar().seen_by([]);
    for Counted {
        from,
        working,
        calendar,
        publication,
    } in BY_HAND
    {
        for (n, end) in [10, 20, 25].into_iter().zip(working) {
            assert_eq!(
                days.deadline(from, n, DayUnit::Working),
                Ok(end),
                "{n} working days from {from}"
            );
            // The same, counted back.
            assert_eq!(days.days_between(from, end), Ok(n), "from {from} to {end}");
        }
        for (n, end) in [7, 10, 30].into_iter().zip(calendar) {
            assert_eq!(
                days.deadline(from, n, DayUnit::Calendar),
                Ok(end),
                "{n} days from {from}"
            );
        }
        assert_eq!(days.period_end(from, 10), Ok(publication), "published on {from}");
    }
}

#[test]
fn from_the_last_of_april_to_the_third_of_september_there_are_87_working_days() {
    // After Wed 29 April: May 20 (4–8, 11–15, 18–22, 25–29), June 22 (1–26 less weekends 20, 29, 30), July 23
    // (1–3, 6–31 less weekends 20), August 21 (3–21 less weekends 15, Sat 22, 24–28), Thu 3 September: 87.
    let days = calendar().seen_by([]);
    assert_eq!(days.days_between(date!(2026 - 04 - 29), date!(2026 - 09 - 03)), Ok(87));
}

#[test]
fn a_year_without_data_is_refused_though_an_exception_lies_in_it() {
    let own = exception(Some("tinh-a"), date!(2027 - 01 - 04), true);
    let days = calendar().seen_by([&own]);
    assert_eq!(days.is_working(own.day).map_err(|missing| missing.year), Err(2027));
    let over = days.deadline(date!(2026 - 12 - 30), 5, DayUnit::Working);
    assert_eq!(over.map_err(|missing| missing.year), Err(2027));
    // The entry of 2019 begins with a bridge day of 2018: that makes no data of 2018.
    assert_eq!(
        calendar().year(2019).map(|year| year.off[0]),
        Some(date!(2018 - 12 - 31))
    );
    assert_eq!(
        days.is_working(date!(2018 - 12 - 31)).map_err(|missing| missing.year),
        Err(2018)
    );
}

#[test]
fn an_agencys_own_day_goes_before_one_for_all_and_both_before_the_year() {
    let day = date!(2026 - 03 - 04);
    let (all, own) = (exception(None, day, false), exception(Some("tinh-a"), day, true));
    for order in [[&all, &own], [&own, &all]] {
        assert_eq!(calendar().seen_by(order).kind(day), Ok(DayKind::Exception(&own)));
    }
    assert_eq!(calendar().seen_by([&all]).is_working(day), Ok(false));
    assert_eq!(calendar().seen_by([]).kind(day), Ok(DayKind::Working));
    // A Tết day that an agency works, and a worked Saturday that it takes off.
    let tet = exception(Some("tinh-a"), date!(2026 - 02 - 18), true);
    let saturday = exception(Some("tinh-a"), date!(2026 - 08 - 22), false);
    let days = calendar().seen_by([&tet, &saturday]);
    assert_eq!(
        (days.is_working(tet.day), days.is_working(saturday.day)),
        (Ok(true), Ok(false))
    );
}

#[test]
fn a_day_off_moves_what_runs_over_it_by_one_and_nothing_before_it() {
    let off = exception(None, date!(2026 - 03 - 02), false);
    let days = calendar().seen_by([&off]);
    // By hand 2 March; that day is gone, so Tue 3.
    assert_eq!(
        days.deadline(date!(2026 - 02 - 09), 10, DayUnit::Working),
        Ok(date!(2026 - 03 - 03))
    );
    assert_eq!(
        days.deadline(date!(2026 - 02 - 09), 9, DayUnit::Working),
        Ok(date!(2026 - 02 - 27))
    );
    // A calendar end on it rolls on.
    assert_eq!(
        days.deadline(date!(2026 - 02 - 23), 7, DayUnit::Calendar),
        Ok(date!(2026 - 03 - 03))
    );
}

#[test]
fn what_is_computed_over_an_unconfirmed_year_says_so() {
    let confirmed: Vec<i32> = calendar()
        .years()
        .filter(|year| calendar().year(*year).is_some_and(|y| y.confirmed))
        .collect();
    let years = calendar()
        .seen_by([])
        .unconfirmed(date!(2025 - 12 - 29), date!(2026 - 01 - 13));
    assert_eq!(
        years,
        [2025, 2026]
            .into_iter()
            .filter(|year| !confirmed.contains(year))
            .collect::<Vec<_>>()
    );
}

#[test]
fn the_version_is_of_the_days_not_of_their_order() {
    assert_eq!(calendar().digest(), Law::embedded().calendar().digest());
    assert_eq!(calendar().digest().len(), 64);
}

#[test]
fn days_off_are_days_of_the_week_and_days_worked_in_exchange_are_not() {
    for year in calendar().years().filter_map(|year| calendar().year(year)) {
        let weekend = |day: &Date| day.weekday().number_days_from_monday() >= 5;
        assert!(!year.off.iter().any(weekend), "{}", year.year);
        assert!(year.worked.iter().all(weekend), "{}", year.year);
        assert!(year.off.windows(2).all(|pair| pair[0] < pair[1]), "{}", year.year);
    }
}

fn exception(agency: Option<&str>, day: Date, working: bool) -> DayException {
    DayException {
        agency: agency.map(str::to_owned),
        day,
        working,
        reason: "thử nghiệm".to_owned(),
        document: "1/TB".to_owned(),
    }
}
