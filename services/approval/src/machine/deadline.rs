//! A deadline with all that is needed to count it again: from which day, how many days, by whose calendar, and when
//! its clock stood.

use law::{DayUnit, NoCalendarData, WorkingDays};
use machine::Timestamp;
use serde::{Deserialize, Serialize};
use time::{Date, Duration};

use super::Course;

/// A deadline whose clock runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// The last day.
    pub day: Date,
    /// When that day is over.
    pub over: Timestamp,
    /// The day on which its clock began: of the complete dossier, the return, the publication.
    pub began: Date,
    /// The agency by whose calendar it runs.
    pub agency: String,
    /// How it was counted; `None` for a day that a person set, which no calendar moves.
    pub count: Option<Count>,
    /// Years that it was counted over and that nobody has confirmed.
    pub unconfirmed: Vec<i32>,
    /// When whoever is waited for is reminded, once; `None` where so little time is given that it would only nag.
    #[serde(default)]
    pub remind: Option<Timestamp>,
}

/// How a deadline was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Days that were given.
    pub days: u32,
    /// Of which kind.
    pub unit: DayUnit,
    /// Whether the first day counts, as in a publication; else the day after is day 1.
    pub first_counted: bool,
    /// The article behind it, where one was read.
    pub article: Option<String>,
    /// Whether the number of days was read in a source.
    pub confirmed: bool,
    /// The day from which it counts now: on which it began, or last went on.
    pub from: Date,
    /// Days that were left there.
    pub left: u32,
    /// When the clock stood.
    pub stops: Vec<Stop>,
}

/// A time in which a clock stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// The day on which it was stopped, counted itself.
    pub on: Date,
    /// The day on which it went on, not counted itself.
    pub until: Date,
}

/// A deadline whose clock stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// As it ran.
    pub deadline: Deadline,
    /// Since when it stands.
    pub on: Date,
    /// Days that were left, of its own kind.
    pub left: u32,
}

/// Which of a course's deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// The station's.
    Limit,
    /// The supplement's.
    Supplement,
    /// The publication's end.
    Publication,
    /// The due day of another agency's opinion.
    Consultation,
}

/// A deadline that a changed calendar moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Which one.
    pub which: Which,
    /// The day that it had.
    pub from: Date,
    /// As it is now.
    pub to: Deadline,
}

impl Which {
    /// As events and replies name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Supplement => "supplement",
            Self::Publication => "publication",
            Self::Consultation => "consultation",
        }
    }
}

impl Count {
    /// The last day, by these working days.
    pub fn end(&self, days: &WorkingDays<'_>) -> Result<Date, NoCalendarData> {
        if self.first_counted && self.unit == DayUnit::Working {
            days.period_end(self.from, self.left)
        } else {
            days.deadline(self.from, self.left, self.unit)
        }
    }

    /// Days that are left after `today`, where `end` is the last day.
    pub fn left(&self, days: &WorkingDays<'_>, today: Date, end: Date) -> Result<u32, NoCalendarData> {
        match self.unit {
            DayUnit::Working => days.days_between(today, end),
            // Rolling on to a working day gives no further days: what is left is counted to the day before it.
            DayUnit::Calendar => {
                let end = self.from.saturating_add(Duration::days(i64::from(self.left)));
                Ok(u32::try_from((end - today).whole_days()).unwrap_or(0))
            }
        }
    }
}

impl Course {
    /// Every deadline that runs, and of which kind.
    pub fn running(&self) -> impl Iterator<Item = (Which, &Deadline)> {
        let one = [
            (Which::Limit, &self.limit),
            (Which::Supplement, &self.supplement),
            (Which::Publication, &self.publication),
        ];
        let one = one
            .into_iter()
            .filter_map(|(which, held)| Some((which, held.as_ref()?)));
        let open = self.consultations.iter().filter(|asked| asked.is_open());
        one.chain(open.map(|asked| (Which::Consultation, &asked.until)))
    }
}
