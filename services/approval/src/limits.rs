//! Limits by the working calendar: computed here, handed to the machine as values.

use host::{Fault, Unit, clock};
use law::{LimitStep, NoCalendarData};
use time::Date;

use crate::machine::{Course, Deadline};

/// Working days for a supplement where the law sets no term: our default, shown as such.
const SUPPLEMENT_DAYS: u32 = 10;

fn no_calendar(missing: NoCalendarData) -> Fault {
    Fault::refused("NO_CALENDAR", missing.to_string())
}

/// A limit whose last day is `day`.
pub(crate) fn until(day: Date) -> Deadline {
    Deadline {
        day,
        over: clock::end_of(day),
    }
}

/// The limit that begins today at the station that holds the course, if the law sets one.
pub(crate) fn begins(unit: &Unit, course: &Course) -> Result<Option<Deadline>, Fault> {
    let Some((opening, station)) = course.opening.as_ref().zip(course.at()) else {
        return Ok(None);
    };
    let (law, today) = (unit.law(), unit.today());
    let limit = law.time_limit(
        &opening.route.rule_set,
        &opening.award,
        station.level,
        LimitStep::Appraisal,
    );
    limit
        .map(|limit| law.calendar().deadline(today, &limit).map(until).map_err(no_calendar))
        .transpose()
}

/// Working days left of the running limit, today not counted; `None` if none runs.
pub(crate) fn left(unit: &Unit, course: &Course) -> Result<Option<u32>, Fault> {
    let Some(limit) = course.deadline else { return Ok(None) };
    let mut left = 0;
    let mut day = unit.today();
    while day < limit.day {
        day = day.next_day().unwrap_or(limit.day);
        left += u32::from(unit.law().calendar().is_working(day).map_err(no_calendar)?);
    }
    Ok(Some(left))
}

/// The limit that goes on today with what was left of it.
pub(crate) fn goes_on(unit: &Unit, course: &Course) -> Result<Option<Deadline>, Fault> {
    let calendar = unit.law().calendar();
    course
        .left
        .map(|left| {
            calendar
                .nth_working_day_after(unit.today(), left)
                .map(until)
                .map_err(no_calendar)
        })
        .transpose()
}

/// When a supplement is due: as asked, else by the default.
pub(crate) fn supplement(unit: &Unit, asked: Option<Date>) -> Result<Deadline, Fault> {
    let today = unit.today();
    match asked {
        Some(day) if day < today => Err(Fault::field("INVALID_REQUEST", "due", format!("{day} has passed"))),
        Some(day) => Ok(until(day)),
        None => {
            let calendar = unit.law().calendar();
            calendar
                .nth_working_day_after(today, SUPPLEMENT_DAYS)
                .map(until)
                .map_err(no_calendar)
        }
    }
}

/// A publication of `days` working days that begins today, the first day counted.
pub(crate) fn publication(unit: &Unit, days: u32) -> Result<Deadline, Fault> {
    if days == 0 || days > 60 {
        return Err(Fault::field("INVALID_REQUEST", "days", "between 1 and 60 working days"));
    }
    unit.law()
        .calendar()
        .period_end(unit.today(), days)
        .map(until)
        .map_err(no_calendar)
}
