//! `10 working days`, `3 days`, an instant or a day: how scenarios speak of time.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error as _};
use time::{
    Date, Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::format_description,
};

/// Viet Nam, where a scenario's days begin and end.
pub const VIET_NAM: UtcOffset = match UtcOffset::from_hms(7, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

/// A moment, as a scenario writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// To the same hour of the N-th working day after today.
    WorkingDays(u32),
    /// So much later.
    Later(Duration),
    /// The same hour of that day.
    Day(Date),
    /// Exactly then.
    Instant(OffsetDateTime),
}

impl When {
    /// The instant that is meant, seen from `now`.
    pub fn from(self, now: OffsetDateTime) -> anyhow::Result<OffsetDateTime> {
        let now = now.to_offset(VIET_NAM);
        Ok(match self {
            Self::WorkingDays(days) => {
                let calendar = law::Law::embedded().calendar();
                let day = calendar.nth_working_day_after(now.date(), days);
                now.replace_date(day.map_err(|no_data| anyhow::anyhow!("{no_data}"))?)
            }
            Self::Later(span) => now + span,
            Self::Day(day) => now.replace_date(day),
            Self::Instant(instant) => instant.to_offset(VIET_NAM),
        })
    }
}

/// The longest stage of a clock that moves by stages.
const STAGE_MAX: Duration = Duration::hours(4);

/// Between two moments: stages that grow with the time gone by, from a minute to [`STAGE_MAX`].
pub fn stops(from: OffsetDateTime, to: OffsetDateTime) -> Vec<OffsetDateTime> {
    let mut stops = Vec::new();
    let mut next = from + Duration::MINUTE;
    while next < to {
        stops.push(next);
        next += ((next - from) / 4_i32).clamp(Duration::MINUTE, STAGE_MAX);
    }
    stops
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(day) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
            return Ok(Self::Day(day));
        }
        if let Ok(instant) = OffsetDateTime::parse(text, &Rfc3339) {
            return Ok(Self::Instant(instant));
        }
        let unknown = || {
            format!(
                "`{text}` is no time: write `10 working days`, `3 days`, `2 hours`, a day as 2025-09-29 or an instant as \
                 2025-09-29T08:00:00+07:00"
            )
        };
        let (count, unit) = text.split_once(' ').ok_or_else(unknown)?;
        let count: u32 = count.parse().map_err(|_| unknown())?;
        let many = i64::from(count);
        Ok(match unit.trim() {
            "working day" | "working days" => Self::WorkingDays(count),
            "week" | "weeks" => Self::Later(Duration::weeks(many)),
            "day" | "days" => Self::Later(Duration::days(many)),
            "hour" | "hours" => Self::Later(Duration::hours(many)),
            "minute" | "minutes" => Self::Later(Duration::minutes(many)),
            "second" | "seconds" => Self::Later(Duration::seconds(many)),
            _ => return Err(unknown()),
        })
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WorkingDays(days) => write!(f, "{days} ngày làm việc"),
            Self::Later(span) => write!(f, "{span}"),
            Self::Day(day) => write!(f, "{day}"),
            Self::Instant(instant) => write!(f, "{}", clock(*instant)),
        }
    }
}

/// An instant as people in Viet Nam read it.
pub fn clock(instant: OffsetDateTime) -> String {
    let local = instant.to_offset(VIET_NAM);
    format!("{} {:02}:{:02}", local.date(), local.hour(), local.minute())
}

/// Microseconds since 1970, as the API counts them.
pub fn micros(instant: OffsetDateTime) -> i64 {
    (instant.unix_timestamp_nanos() / 1_000) as i64
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_clock_that_moves_by_stages_stops_soon_and_often_and_before_the_end() {
        let from = OffsetDateTime::UNIX_EPOCH;
        assert!(stops(from, from + Duration::MINUTE).is_empty());
        let days = stops(from, from + Duration::days(14));
        assert_eq!(days[0], from + Duration::MINUTE);
        assert!(
            days.windows(2)
                .all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= STAGE_MAX)
        );
        assert!(days.len() < 120 && days[days.len() - 1] < from + Duration::days(14));
    }

    use time::macros::{date, datetime};

    use super::*;

    const NOW: OffsetDateTime = datetime!(2025-08-20 08:30 +7);

    fn from(text: &str) -> OffsetDateTime {
        text.parse::<When>().unwrap().from(NOW).unwrap()
    }

    #[test]
    fn working_days_skip_weekends_and_the_national_day() {
        assert_eq!(from("1 working day"), datetime!(2025-08-21 08:30 +7));
        // 1 and 2 September 2025 were days off.
        assert_eq!(from("10 working days"), datetime!(2025-09-05 08:30 +7));
    }

    #[test]
    fn spans_count_every_hour() {
        assert_eq!(from("3 days"), datetime!(2025-08-23 08:30 +7));
        assert_eq!(from("2 hours"), datetime!(2025-08-20 10:30 +7));
        assert_eq!(from("45 seconds"), datetime!(2025-08-20 08:30:45 +7));
    }

    #[test]
    fn a_day_keeps_the_hour_and_an_instant_is_taken_as_it_is() {
        assert_eq!(from("2025-09-29"), datetime!(2025-09-29 08:30 +7));
        assert_eq!(from("2025-09-29T01:00:00Z"), datetime!(2025-09-29 08:00 +7));
        // Late in the evening in London it is tomorrow in Ha Noi.
        let late = datetime!(2025-09-29 20:00 UTC);
        assert_eq!(
            "1 days".parse::<When>().unwrap().from(late).unwrap().date(),
            date!(2025 - 10 - 01)
        );
    }

    #[test]
    fn what_is_no_time_is_told_with_what_would_be() {
        for text in ["soon", "days", "ten days", "3 fortnights", "2025-13-01", "-1 days", ""] {
            assert!(text.parse::<When>().unwrap_err().contains("10 working days"), "{text}");
        }
    }
}
