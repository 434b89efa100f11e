//! Working days of state offices in Asia/Ho_Chi_Minh (UTC+7 all year).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
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

/// A day on which agencies do otherwise than the calendar of the year says: an own day off, or one worked in exchange.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayException {
    /// The agency that it holds for; `None` for all. An agency's own goes before one for all.
    #[serde(default)]
    pub agency: Option<String>,
    /// The day.
    pub day: Date,
    /// Whether offices work on it.
    pub working: bool,
    /// Why, in the words of the document, Vietnamese.
    pub reason: String,
    /// The document that orders it, for example a notice's number and date.
    pub document: String,
}

/// What the calendar says of one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarYear {
    /// The year.
    pub year: i32,
    /// Days of the week that are not worked; the first may lie in the year before, where a bridge day begins it.
    pub off: Vec<Date>,
    /// Saturdays and Sundays that are worked in exchange.
    #[serde(default)]
    pub worked: Vec<Date>,
    /// Whether the year was read in an official notice; else what is computed from it is shown as unconfirmed.
    pub confirmed: bool,
    /// What was read, and where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Days off and worked Saturdays, by year.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    years: BTreeMap<i32, CalendarYear>,
    off: BTreeSet<Date>,
    worked: BTreeSet<Date>,
}

#[derive(Deserialize)]
struct CalendarFile {
    year: Vec<CalendarYear>,
}

impl Calendar {
    pub(crate) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let file: CalendarFile = toml::from_str(text)?;
        let mut calendar = Self::default();
        for mut entry in file.year {
            entry.off.sort_unstable();
            entry.worked.sort_unstable();
            calendar.off.extend(&entry.off);
            calendar.worked.extend(&entry.worked);
            calendar.years.insert(entry.year, entry);
        }
        Ok(calendar)
    }

    /// The years that have data.
    pub fn years(&self) -> impl Iterator<Item = i32> + '_ {
        self.years.keys().copied()
    }

    /// What is known of a year, `None` where it has no data.
    pub fn year(&self, year: i32) -> Option<&CalendarYear> {
        self.years.get(&year)
    }

    /// The calendar's version: SHA-256 over its years and days, hex, whatever their order in the file.
    pub fn digest(&self) -> String {
        let canonical: Vec<&CalendarYear> = self.years.values().collect();
        let canonical = serde_json::to_vec(&canonical).expect("days and texts are always JSON");
        hex::encode(Sha256::digest(canonical))
    }

    /// The working days of whoever these exceptions hold for: all agencies' and one agency's own, which go before.
    pub fn seen_by<'a>(&'a self, exceptions: impl IntoIterator<Item = &'a DayException>) -> WorkingDays<'a> {
        let mut seen: BTreeMap<Date, &DayException> = BTreeMap::new();
        for exception in exceptions {
            let held = seen.entry(exception.day).or_insert(exception);
            if exception.agency.is_some() || held.agency.is_none() {
                *held = exception;
            }
        }
        WorkingDays { calendar: self, seen }
    }

    /// The working days where no agency does otherwise.
    fn plain(&self) -> WorkingDays<'_> {
        self.seen_by([])
    }

    /// Whether offices work on that day. This and what follows: as [`WorkingDays`] without exceptions.
    pub fn is_working(&self, day: Date) -> Result<bool, NoCalendarData> {
        self.plain().is_working(day)
    }

    /// See [`WorkingDays::nth_working_day_after`].
    pub fn nth_working_day_after(&self, from: Date, n: u32) -> Result<Date, NoCalendarData> {
        self.plain().nth_working_day_after(from, n)
    }

    /// See [`WorkingDays::period_end`].
    pub fn period_end(&self, first: Date, n: u32) -> Result<Date, NoCalendarData> {
        self.plain().period_end(first, n)
    }

    /// See [`WorkingDays::deadline`].
    pub fn deadline(&self, start: Date, limit: &Limit) -> Result<Date, NoCalendarData> {
        self.plain().deadline(start, limit.days, limit.unit)
    }
}

/// What a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind<'a> {
    /// An ordinary day of work.
    Working,
    /// A Saturday or Sunday.
    Weekend,
    /// A day of the week that the year's calendar takes off.
    Off,
    /// A Saturday or Sunday that is worked in exchange.
    WorkedInExchange,
    /// An agency, or all of them, do otherwise.
    Exception(&'a DayException),
}

impl DayKind<'_> {
    /// Whether offices work on it.
    pub fn is_working(self) -> bool {
        match self {
            Self::Working | Self::WorkedInExchange => true,
            Self::Weekend | Self::Off => false,
            Self::Exception(exception) => exception.working,
        }
    }
}

/// The working days of one agency: the calendar, and the days on which the agency does otherwise.
#[derive(Debug, Clone)]
pub struct WorkingDays<'a> {
    calendar: &'a Calendar,
    seen: BTreeMap<Date, &'a DayException>,
}

impl<'a> WorkingDays<'a> {
    /// What a day is. An exception alone makes no year: one without data is refused all the same.
    pub fn kind(&self, day: Date) -> Result<DayKind<'a>, NoCalendarData> {
        let year = day.year();
        if !self.calendar.years.contains_key(&year) {
            return Err(NoCalendarData { year });
        }
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        Ok(match self.seen.get(&day) {
            Some(exception) => DayKind::Exception(exception),
            None if self.calendar.worked.contains(&day) => DayKind::WorkedInExchange,
            None if weekend => DayKind::Weekend,
            None if self.calendar.off.contains(&day) => DayKind::Off,
            None => DayKind::Working,
        })
    }

    /// Whether it works on that day.
    pub fn is_working(&self, day: Date) -> Result<bool, NoCalendarData> {
        self.kind(day).map(DayKind::is_working)
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

    /// The last day of `days` that start on `start`: the day after is day 1. An end on a day off rolls on to the next
    /// working day.
    pub fn deadline(&self, start: Date, days: u32, unit: DayUnit) -> Result<Date, NoCalendarData> {
        let end = match unit {
            DayUnit::Working => self.nth_working_day_after(start, days)?,
            DayUnit::Calendar => start
                .checked_add(Duration::days(i64::from(days)))
                .ok_or(NoCalendarData { year: start.year() })?,
        };
        self.on_or_after(end)
    }

    /// The day itself if it is worked, else the next that is.
    pub fn on_or_after(&self, day: Date) -> Result<Date, NoCalendarData> {
        let mut day = day;
        while !self.is_working(day)? {
            day = next(day)?;
        }
        Ok(day)
    }

    /// Working days after `from`, up to and with `to`; 0 where `to` is not later.
    pub fn days_between(&self, from: Date, to: Date) -> Result<u32, NoCalendarData> {
        let (mut day, mut counted) = (from, 0);
        while day < to {
            day = next(day)?;
            counted += u32::from(self.is_working(day)?);
        }
        Ok(counted)
    }

    /// The years from the one of `from` to the one of `to` that nobody has confirmed: a deadline over them says so.
    pub fn unconfirmed(&self, from: Date, to: Date) -> Vec<i32> {
        let years = self.calendar.years.range(from.year()..=to.year().max(from.year()));
        years
            .filter(|(_, year)| !year.confirmed)
            .map(|(year, _)| *year)
            .collect()
    }
}

fn next(day: Date) -> Result<Date, NoCalendarData> {
    day.next_day().ok_or(NoCalendarData { year: day.year() })
}
