//! Working days of state offices in Asia/Ho_Chi_Minh (UTC+7 all year).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::{Date, Duration, Weekday};

/// What the days of a time limit are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DayUnit {
    /// Days on which offices work.
    Working,
    /// All days.
    Calendar,
}

/// A time limit of the law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// How many days.
    pub days: u32,
    /// Of which kind.
    pub unit: DayUnit,
    /// The article behind it, where one was read.
    pub article: Option<String>,
    /// Whether the figure was read in a source; else it binds as a default that is shown as unconfirmed.
    pub confirmed: bool,
}

/// The calendar has no data for this year: a deadline there is refused, never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the calendar has no data for the year {year}; add its days off to calendar.toml")]
pub struct NoCalendarData {
    /// The year that is missing.
    pub year: i32,
}

/// Days off and worked Saturdays, by year.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    years: BTreeMap<i32, Year>,
}

#[derive(Debug, Clone, Default)]
struct Year {
    off: BTreeSet<Date>,
    worked: BTreeSet<Date>,
}

#[derive(Deserialize)]
struct CalendarFile {
    year: Vec<YearEntry>,
}

#[derive(Deserialize)]
struct YearEntry {
    year: i32,
    off: Vec<Date>,
    #[serde(default)]
    worked: Vec<Date>,
}

impl Calendar {
    pub(crate) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let file: CalendarFile = toml::from_str(text)?;
        let years = file.year.into_iter().map(|entry| {
            let year = Year {
                off: entry.off.into_iter().collect(),
                worked: entry.worked.into_iter().collect(),
            };
            (entry.year, year)
        });
        Ok(Self { years: years.collect() })
    }

    /// The years that have data.
    pub fn years(&self) -> impl Iterator<Item = i32> + '_ {
        self.years.keys().copied()
    }

    /// Whether offices work on that day.
    pub fn is_working(&self, day: Date) -> Result<bool, NoCalendarData> {
        let year = self.years.get(&day.year()).ok_or(NoCalendarData { year: day.year() })?;
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        Ok(year.worked.contains(&day) || !weekend && !year.off.contains(&day))
    }

    /// The `n`-th working day after `from`, which is not counted itself; `from` for 0.
    pub fn nth_working_day_after(&self, from: Date, n: u32) -> Result<Date, NoCalendarData> {
        let mut day = from;
        let mut left = n;
        while left > 0 {
            day = next(day)?;
            left -= u32::from(self.is_working(day)?);
        }
        Ok(day)
    }

    /// The last of `n` working days of which `first` is the first, if it is one: ten working days from 2025-08-20
    /// end on 2025-09-04.
    pub fn period_end(&self, first: Date, n: u32) -> Result<Date, NoCalendarData> {
        let counted = u32::from(self.is_working(first)?);
        self.nth_working_day_after(first, n.saturating_sub(counted))
    }

    /// The last day of a time limit that starts on `start`: the day after is day 1. A limit in calendar days that
    /// ends on a day off runs on to the next working day.
    pub fn deadline(&self, start: Date, limit: &Limit) -> Result<Date, NoCalendarData> {
        match limit.unit {
            DayUnit::Working => self.nth_working_day_after(start, limit.days),
            DayUnit::Calendar => {
                let end = start.checked_add(Duration::days(i64::from(limit.days)));
                let mut day = end.ok_or(NoCalendarData { year: start.year() })?;
                while !self.is_working(day)? {
                    day = next(day)?;
                }
                Ok(day)
            }
        }
    }
}

fn next(day: Date) -> Result<Date, NoCalendarData> {
    day.next_day().ok_or(NoCalendarData { year: day.year() })
}
