//! The years that count, and runs of adjacent years in them.

use std::collections::BTreeSet;

use time::Date;

/// The years after a day, up to a year. A year that has begun by the day does not count: its work was rewarded, or
/// fell under discipline, in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Years after this day's year count; none: all of them.
    pub after: Option<Date>,
    /// The last year that counts.
    pub until: i32,
}

impl Window {
    pub fn holds(self, year: i32) -> bool {
        year <= self.until && self.after.is_none_or(|day| day.year() < year)
    }
}

/// The length of the latest run of adjacent years: a gap starts it anew.
pub(crate) fn latest_run(years: &BTreeSet<i32>) -> u32 {
    let mut run = 0;
    let mut next = None;
    for year in years.iter().rev() {
        if next.is_some_and(|next| next != *year) {
            break;
        }
        run += 1;
        next = year.checked_sub(1);
    }
    run
}

/// The years from one day to another that have been completed.
pub(crate) fn full_years(from: Date, to: Date) -> u32 {
    let years = to.year() - from.year() - i32::from((to.month() as u8, to.day()) < (from.month() as u8, from.day()));
    u32::try_from(years).unwrap_or(0)
}

/// The months from one day to another that have been completed.
pub(crate) fn full_months(from: Date, to: Date) -> u32 {
    let months = (to.year() - from.year()) * 12 + i32::from(to.month() as u8)
        - i32::from(from.month() as u8)
        - i32::from(to.day() < from.day());
    u32::try_from(months).unwrap_or(0)
}
