//! The years that count, and runs of adjacent years in them.

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

/// Adjacent years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub first: i32,
    pub last: i32,
}

impl Run {
    pub fn years(self) -> u32 {
        self.last.abs_diff(self.first) + 1
    }

    pub fn holds(self, year: i32) -> bool {
        (self.first..=self.last).contains(&year)
    }
}

/// The runs of adjacent years in a list in order without repeats.
pub(crate) fn runs(years: &[i32]) -> impl Iterator<Item = Run> {
    let adjacent = |a: &i32, b: &i32| a.checked_add(1) == Some(*b);
    let ends = |run: &[i32]| {
        Some(Run {
            first: *run.first()?,
            last: *run.last()?,
        })
    };
    years.chunk_by(adjacent).filter_map(ends)
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
