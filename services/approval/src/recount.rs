//! A changed calendar → every open deadline counted again, in slices that each are one commit. The calendar's own timer
//! carries the count on, so whoever dies in the middle of it, the next process goes on after the last slice.

use bus::Envelope;
use host::{Fault, Unit, replica::own};
use journal::{Key, Value};
use proto::directory::v1::event::Fact;

use crate::{
    limits::{self, CALENDAR},
    machine::{CalendarInput, CalendarState, Course, OfficeCalendar},
    opinions,
    reactions::decode,
    views,
};

/// How many dossiers one slice takes: as many as one commit bears without holding others up.
const SLICE: usize = 200;

/// What an event of the directory changes.
pub(crate) fn follow_directory(event: &Envelope, unit: &mut Unit) -> Result<(), Fault> {
    let body: proto::directory::v1::Event = decode(event)?;
    let input = match &body.fact {
        Some(Fact::DaySet(day)) => CalendarInput::Set {
            exception: own::day_from_proto(day)?,
        },
        Some(Fact::DayWithdrawn(day)) => {
            let withdrawn = own::day_from_proto(day)?;
            CalendarInput::Withdraw {
                agency: withdrawn.agency,
                day: withdrawn.day,
                reason: withdrawn.reason,
                document: withdrawn.document,
            }
        }
        _ => return Ok(()),
    };
    unit.step::<OfficeCalendar>(CALENDAR, input).map(|_| ())
}

/// A process starts: the calendar that is compiled in may be another than the one that open deadlines were counted by.
pub(crate) fn years(unit: &mut Unit) -> Result<(), Fault> {
    let digest = unit.law().calendar().digest();
    let known = unit.get::<OfficeCalendar>(CALENDAR)?;
    if known.is_some_and(|known| known.data.digest == digest) {
        return Ok(());
    }
    unit.step::<OfficeCalendar>(CALENDAR, CalendarInput::Years { digest })
        .map(|_| ())
}

/// Counts the next slice.
pub(crate) fn fire(key: &Key, unit: &mut Unit) -> Result<(), Fault> {
    let Some(calendar) = unit.get::<OfficeCalendar>(&key.id)? else {
        return Ok(());
    };
    let CalendarState::Recounting { after } = &calendar.state else {
        return Ok(());
    };
    let changes = &calendar.data.changes;
    let mut open = Vec::new();
    for (sql, mut args) in open_deadlines(unit, changes.iter().map(|change| change.agency.as_deref())) {
        args.push(Value::Text(after.clone()));
        args.push(Value::Int(SLICE as i64));
        open.extend(unit.query(sql, &args)?.into_iter().filter_map(views::id));
    }
    open.sort();
    open.dedup();
    let full = open.len() >= SLICE;
    open.truncate(SLICE);
    // All that is missing is asked for at once.
    let missing = open.iter().map(|id| unit.get::<Course>(id)).filter_map(Result::err);
    if let Some(fault) = missing.last() {
        return Err(fault);
    }
    for id in &open {
        let Some(course) = unit.get::<Course>(id)? else {
            continue;
        };
        if let Some(input) = limits::recount(unit, &course.data, changes)? {
            unit.step::<Course>(id, input)?;
        }
    }
    let last = open.pop().filter(|_| full);
    unit.step::<OfficeCalendar>(&key.id, CalendarInput::Counted { last })
        .map(|_| ())
}

/// Where to look for what the changes may move: at the agencies that they concern, or everywhere.
fn open_deadlines<'a>(
    unit: &Unit,
    agencies: impl Iterator<Item = Option<&'a str>> + Clone,
) -> Vec<(journal::Sql, Vec<Value>)> {
    let today = Value::Text(unit.today().to_string());
    if agencies.clone().any(|agency| agency.is_none()) {
        return vec![(views::OPEN_DEADLINES, vec![today])];
    }
    let mut places: Vec<String> = agencies
        .flatten()
        .flat_map(|agency| views::places(unit.agencies(), agency, unit.today()))
        .collect();
    places.sort();
    places.dedup();
    places
        .into_iter()
        .flat_map(|place| {
            let args = vec![Value::Text(place), today.clone()];
            [
                (views::OPEN_DEADLINES_AT, args.clone()),
                (opinions::OPEN_DEADLINES, args),
            ]
        })
        .collect()
}
