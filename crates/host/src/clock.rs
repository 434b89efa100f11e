//! The one injected clock: real, or simulated for rehearsals and tests.

use std::{sync::Arc, time::Duration};

use machine::Timestamp;
use time::{Date, OffsetDateTime, UtcOffset};
use tokio::sync::watch;

/// Where time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until it is moved forward.
    Simulated(Arc<watch::Sender<i64>>),
}

/// Viet Nam is at UTC+7 and knows no daylight saving time.
const VIET_NAM: UtcOffset = match UtcOffset::from_hms(7, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

impl Clock {
    /// A simulated clock that stands at `start`.
    pub fn simulated(start: Timestamp) -> Self {
        Self::Simulated(Arc::new(watch::Sender::new(start.0)))
    }

    /// Now.
    #[expect(clippy::disallowed_methods, reason = "this is the one room that reads the clock")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp((OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000) as i64),
            Self::Simulated(now) => Timestamp(*now.borrow()),
        }
    }

    /// Moves a simulated clock forward; `false` if `to` is in its past or the clock is real.
    pub fn advance(&self, to: Timestamp) -> bool {
        match self {
            Self::System => false,
            Self::Simulated(now) => now.send_if_modified(|at| {
                let taken = to.0 >= *at || mishap::clocks_go_back();
                if taken {
                    *at = to.0;
                }
                taken
            }),
        }
    }

    /// Returns once it is `due`. On a real clock it may return early, so that a clock that was set is noticed: look
    /// at the time again.
    pub async fn until(&self, due: Timestamp) {
        match self {
            Self::System => {
                let micros = due.0.saturating_sub(self.now().0).clamp(0, 60_000_000);
                tokio::time::sleep(Duration::from_micros(micros as u64)).await;
            }
            Self::Simulated(now) => {
                let mut now = now.subscribe();
                if now.wait_for(|now| *now >= due.0).await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

/// The day in Viet Nam.
pub fn day(at: Timestamp) -> Date {
    local(at).date()
}

/// The first instant of a day in Viet Nam.
pub fn start_of(day: Date) -> Timestamp {
    let instant = day.midnight().assume_offset(VIET_NAM);
    Timestamp((instant.unix_timestamp_nanos() / 1_000) as i64)
}

/// The first instant after a day in Viet Nam: when a period that ends on `day` is over.
pub fn end_of(day: Date) -> Timestamp {
    start_of(day.next_day().unwrap_or(day))
}

fn local(at: Timestamp) -> OffsetDateTime {
    let utc = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    utc.to_offset(VIET_NAM)
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn a_day_begins_at_seventeen_hours_utc() {
        let evening = Timestamp((datetime!(2025-09-15 17:00 UTC).unix_timestamp_nanos() / 1_000) as i64);
        assert_eq!(day(evening), date!(2025 - 09 - 16));
        assert_eq!(day(Timestamp(evening.0 - 1)), date!(2025 - 09 - 15));
        assert_eq!(end_of(date!(2025 - 09 - 15)), evening);
    }

    #[tokio::test]
    async fn a_simulated_clock_never_goes_back() {
        let clock = Clock::simulated(Timestamp(100));
        assert!(!clock.advance(Timestamp(99)));
        assert!(clock.advance(Timestamp(200)));
        clock.until(Timestamp(150)).await;
        assert_eq!(clock.now(), Timestamp(200));
    }
}
