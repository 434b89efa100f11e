//! Deadlines by the working calendar of the agency that they run at: computed here, handed to the machine as values.
//!
//! Whatever is computed reads the office calendar under guard, so no deadline is committed by days that have changed.

use std::sync::Arc;

use host::{Fault, Unit, clock};
use law::{DayUnit, LimitStep, NoCalendarData, WorkingDays};
use machine::{Snapshot, Timestamp};
use time::Date;

use crate::machine::{Count, Course, DayChange, Deadline, Input, Moved, OfficeCalendar, Stop, Stopped};

/// Working days for a supplement where the law sets no term: our default, shown as such.
const SUPPLEMENT_DAYS: u32 = 10;
/// Working days for an opinion where the law sets no term: as in the decrees that do.
const CONSULTATION_DAYS: u32 = 10;
/// A reminder comes this many working days before the last.
const REMINDED_BEFORE: u32 = 2;
/// When offices open.
const MORNING: time::Duration = time::Duration::hours(8);
/// The one office calendar.
pub(crate) const CALENDAR: &str = "all";

fn no_calendar(missing: NoCalendarData) -> Fault {
    Fault::refused("NO_CALENDAR", missing.to_string())
}

/// An agency's office, with the days on which it works.
struct Office {
    agency: String,
    calendar: Option<Arc<Snapshot<OfficeCalendar>>>,
}

impl Office {
    /// The office that acts today for an agency.
    fn of(unit: &mut Unit, agency: &str) -> Result<Self, Fault> {
        let calendar = unit.get::<OfficeCalendar>(CALENDAR)?;
        let acting = unit.agencies().acting_on(agency, unit.today());
        let agency = acting.map_or(agency, |acting| acting.code.as_str()).to_owned();
        Ok(Self { agency, calendar })
    }

    /// The office of the station that holds the course.
    fn at(unit: &mut Unit, course: &Course) -> Result<Self, Fault> {
        let agency = course.at().map(|station| station.appraiser.as_str());
        Self::of(unit, agency.unwrap_or_default())
    }

    fn days(&self, unit: &Unit) -> WorkingDays<'_> {
        let own = self.calendar.iter().flat_map(|one| one.data.seen_by(&self.agency));
        unit.law().calendar().seen_by(own)
    }

    /// A deadline that began on a day and counts so.
    fn deadline(&self, unit: &Unit, began: Date, count: Count) -> Result<Deadline, NoCalendarData> {
        let days = self.days(unit);
        let day = count.end(&days)?;
        Ok(Deadline {
            day,
            over: clock::end_of(day),
            began,
            agency: self.agency.clone(),
            unconfirmed: days.unconfirmed(count.from, day),
            remind: reminder(&days, count.from, day),
            count: Some(count),
        })
    }
}

/// In the morning of the second working day before the last one; none where the limit began after that.
fn reminder(days: &WorkingDays<'_>, from: Date, last: Date) -> Option<Timestamp> {
    let (mut day, mut left) = (last, REMINDED_BEFORE);
    while left > 0 {
        day = day.previous_day().filter(|day| *day > from)?;
        left -= u32::from(days.is_working(day).ok()?);
    }
    Some(Timestamp(clock::start_of(day).0 + MORNING.whole_microseconds() as i64))
}

/// The limit that begins today at the station that holds the course, if the law sets one.
pub(crate) fn begins(unit: &mut Unit, course: &Course) -> Result<Option<Deadline>, Fault> {
    let Some(count) = given(unit, course, LimitStep::Appraisal) else {
        return Ok(None);
    };
    let (office, today) = (Office::at(unit, course)?, unit.today());
    office.deadline(unit, today, count).map(Some).map_err(no_calendar)
}

/// The running limit as it stops today, with what is left of it; `None` if none runs.
pub(crate) fn stops(unit: &mut Unit, course: &Course) -> Result<Option<Stopped>, Fault> {
    let Some(limit) = &course.limit else { return Ok(None) };
    let on = unit.today();
    let left = match &limit.count {
        Some(count) => {
            let office = Office::of(unit, &limit.agency)?;
            count.left(&office.days(unit), on, limit.day).map_err(no_calendar)?
        }
        None => 0,
    };
    Ok(Some(Stopped {
        deadline: limit.clone(),
        on,
        left,
    }))
}

/// The limit that goes on today with what was left of it.
pub(crate) fn goes_on(unit: &mut Unit, course: &Course) -> Result<Option<Deadline>, Fault> {
    let Some(Stopped { deadline, on, left }) = &course.stopped else {
        return Ok(None);
    };
    let Some(count) = &deadline.count else {
        return Ok(Some(deadline.clone()));
    };
    let mut count = count.clone();
    (count.from, count.left) = (unit.today(), *left);
    count.stops.push(Stop {
        on: *on,
        until: unit.today(),
    });
    let office = Office::at(unit, course)?;
    office
        .deadline(unit, deadline.began, count)
        .map(Some)
        .map_err(no_calendar)
}

/// When a supplement is due: as asked, else by the default.
pub(crate) fn supplement(unit: &mut Unit, course: &Course, asked: Option<Date>) -> Result<Deadline, Fault> {
    let today = unit.today();
    let office = Office::at(unit, course)?;
    match asked {
        Some(day) if day < today => Err(Fault::field("INVALID_REQUEST", "due", format!("{day} has passed"))),
        Some(day) => Ok(Deadline {
            day,
            over: clock::end_of(day),
            began: today,
            agency: office.agency,
            count: None,
            unconfirmed: Vec::new(),
            remind: None,
        }),
        None => {
            let count = working(SUPPLEMENT_DAYS, today);
            office.deadline(unit, today, count).map_err(no_calendar)
        }
    }
}

/// A publication of `days` working days that begins today, the first day counted.
pub(crate) fn publication(unit: &mut Unit, course: &Course, days: u32) -> Result<Deadline, Fault> {
    if days == 0 || days > 60 {
        return Err(Fault::field("INVALID_REQUEST", "days", "between 1 and 60 working days"));
    }
    let today = unit.today();
    let rule = course.at().and_then(|station| station.publication.as_ref());
    let asked = rule.filter(|rule| rule.days == days);
    let count = Count {
        first_counted: true,
        article: asked.and_then(|rule| rule.article.clone()),
        confirmed: asked.is_some_and(|rule| rule.confirmed),
        ..working(days, today)
    };
    let office = Office::at(unit, course)?;
    office.deadline(unit, today, count).map_err(no_calendar)
}

/// By when an agency's opinion is due: as asked, else as the law says, else by the default. By that agency's calendar.
pub(crate) fn consultation(
    unit: &mut Unit,
    course: &Course,
    agency: &str,
    asked: Option<Date>,
) -> Result<Deadline, Fault> {
    let today = unit.today();
    let office = Office::of(unit, agency)?;
    match asked {
        Some(day) if day < today => Err(Fault::field("INVALID_REQUEST", "due", format!("{day} has passed"))),
        Some(day) => Ok(Deadline {
            day,
            over: clock::end_of(day),
            began: today,
            agency: office.agency,
            count: None,
            unconfirmed: Vec::new(),
            remind: None,
        }),
        None => {
            let count = given(unit, course, LimitStep::Consultation);
            let count = count.unwrap_or_else(|| working(CONSULTATION_DAYS, today));
            office.deadline(unit, today, count).map_err(no_calendar)
        }
    }
}

/// The station's limit once all opinions have come today, if the law sets one.
pub(crate) fn after_consultation(unit: &mut Unit, course: &Course) -> Result<Option<Deadline>, Fault> {
    let Some(count) = given(unit, course, LimitStep::AfterConsultation) else {
        return Ok(None);
    };
    let (office, today) = (Office::at(unit, course)?, unit.today());
    office.deadline(unit, today, count).map(Some).map_err(no_calendar)
}

/// By when object and money of an award that is revoked today are given back to `agency`, if the law sets a term.
pub(crate) fn recovery(unit: &mut Unit, course: &Course, agency: &str) -> Result<Option<Deadline>, Fault> {
    let Some(count) = given(unit, course, LimitStep::HandBack) else {
        return Ok(None);
    };
    let (office, today) = (Office::of(unit, agency)?, unit.today());
    office.deadline(unit, today, count).map(Some).map_err(no_calendar)
}

/// What the law gives for a step at the station that holds the course, from today.
fn given(unit: &Unit, course: &Course, step: LimitStep) -> Option<Count> {
    let (opening, station) = course.opening.as_ref().zip(course.at())?;
    let today = unit.today();
    let limit = unit.law().time_limit_with(
        unit.agencies(),
        &opening.route.rule_set,
        &opening.award,
        station.level,
        step,
        today,
    )?;
    Some(Count {
        days: limit.days,
        unit: limit.unit,
        first_counted: false,
        article: limit.article,
        confirmed: limit.confirmed,
        from: today,
        left: limit.days,
        stops: Vec::new(),
    })
}

/// What no source sets: a number of working days that is shown as unconfirmed.
fn working(days: u32, from: Date) -> Count {
    Count {
        days,
        unit: DayUnit::Working,
        first_counted: false,
        article: None,
        confirmed: false,
        from,
        left: days,
        stops: Vec::new(),
    }
}

/// What a changed calendar moves of a course: the deadlines that have not passed and end on another day now. `None` where
/// nothing moves.
pub(crate) fn recount(unit: &mut Unit, course: &Course, changes: &[DayChange]) -> Result<Option<Input>, Fault> {
    let (mut moved, mut because) = (Vec::new(), Vec::new());
    for (which, deadline) in course.running() {
        let Some(to) = counted_again(unit, course, deadline)? else {
            continue;
        };
        let over = deadline.began..=deadline.day.max(to.day);
        for change in changes {
            let concerns = change.agency.as_ref().is_none_or(|agency| *agency == to.agency)
                && change.day.is_none_or(|day| over.contains(&day));
            if concerns && !because.contains(change) {
                because.push(change.clone());
            }
        }
        let from = deadline.day;
        moved.push(Moved { which, from, to });
    }
    if because.is_empty() {
        // Another agency acts now than when it was counted: what has changed lately is all that can be said.
        because = changes.to_vec();
    }
    Ok((!moved.is_empty()).then_some(Input::Recount { because, moved }))
}

/// The deadline by the calendar as it is now; `None` where it has passed or ends on the same day.
fn counted_again(unit: &mut Unit, course: &Course, deadline: &Deadline) -> Result<Option<Deadline>, Fault> {
    let Some(count) = &deadline.count else { return Ok(None) };
    let today = unit.today();
    if unit.now() >= deadline.over || deadline.day < today {
        return Ok(None);
    }
    let office = Office::of(unit, &deadline.agency)?;
    let to = match office.deadline(unit, deadline.began, count.clone()) {
        Ok(to) => to,
        Err(missing) => {
            // It would end in a year that nobody knows yet: it stays where it was promised.
            let dossier = course.opening.as_ref().map(|opening| opening.dossier.as_str());
            tracing::warn!(dossier, until = %deadline.day, year = missing.year, "a deadline stays: the calendar has no data");
            return Ok(None);
        }
    };
    // A day that becomes a working one may shorten what runs, never to before today.
    let to = if to.day < today {
        Deadline {
            day: today,
            over: clock::end_of(today),
            ..to
        }
    } else {
        to
    };
    Ok((to.day != deadline.day).then_some(to))
}
