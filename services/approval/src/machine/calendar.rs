//! The office calendar as approval knows it: the days on which agencies do otherwise than the year's calendar, told by
//! the directory, and how far open deadlines have been counted again since the newest change.
//!
//! It is one aggregate, so that whoever computes a deadline has it under guard: a deadline computed from days that
//! change at the same moment is not committed. The count goes in slices by a timer; where it ends, it goes on.

use law::DayException;
use machine::{Cx, Machine, Stimulus, Waiting};
use proto::approval::v1::{DayChanged, Event};
use serde::{Deserialize, Serialize};
use statig::prelude::*;
use time::Date;

/// The timer of the next slice.
const RECOUNT: &str = "recount";

/// The days on which agencies do otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeCalendar {
    /// Version of the calendar of the years, as compiled in.
    pub digest: String,
    /// What the directory has told, in the order of agencies and days.
    pub exceptions: Vec<DayException>,
    /// Changes since open deadlines were last all counted.
    pub changes: Vec<DayChange>,
}

/// A change of the calendar: of one day, or of the calendar of the years.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayChange {
    /// Whom it concerns; `None`: all agencies.
    pub agency: Option<String>,
    /// The day; `None`: any.
    pub day: Option<Date>,
    /// Whether it is worked now; `None`: as the calendar of the year says.
    pub working: Option<bool>,
    /// Why.
    pub reason: String,
    /// The document that orders it.
    pub document: String,
}

impl DayChange {
    /// As an event tells it.
    pub(super) fn told(&self) -> DayChanged {
        DayChanged {
            agency: self.agency.clone().unwrap_or_default(),
            day: self.day.map(|day| day.to_string()).unwrap_or_default(),
            working: self.working,
            reason: self.reason.clone(),
            document: self.document.clone(),
        }
    }
}

/// How far the count is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum CalendarState {
    /// All open deadlines are by the newest calendar.
    Settled,
    /// Those of dossiers up to and with this one are.
    Recounting {
        /// The last one's id; empty at the beginning.
        after: String,
    },
}

/// What can be asked of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum CalendarInput {
    /// The process starts with this calendar of the years.
    Years {
        /// Its version.
        digest: String,
    },
    /// An agency, or all, do otherwise on a day.
    Set {
        /// On which, and how.
        exception: DayException,
    },
    /// They do as the calendar of the year says, again.
    Withdraw {
        /// Whom it concerns; `None`: all agencies.
        agency: Option<String>,
        /// The day.
        day: Date,
        /// Why.
        reason: String,
        /// The document that orders it.
        document: String,
    },
    /// A slice was counted.
    Counted {
        /// Its last dossier's id; `None`: it was the last slice.
        last: Option<String>,
    },
}

type On = Stimulus<CalendarInput>;

#[state_machine(
    initial = "CalendarState::Settled",
    state(custom, name = "CalendarState"),
    superstate(name = "CalendarSuperstate", derive(Debug))
)]
impl OfficeCalendar {
    #[state(superstate = "changed")]
    fn settled() -> Outcome<CalendarState> {
        Super
    }

    #[state(superstate = "changed")]
    fn recounting(&mut self, after: &String, event: &On, context: &mut Cx<Event>) -> Outcome<CalendarState> {
        match &event.input {
            CalendarInput::Counted { last: Some(last) } if last > after => {
                context.set_timer(RECOUNT, event.at);
                Transition(CalendarState::Recounting { after: last.clone() })
            }
            CalendarInput::Counted { last: None } => {
                self.changes.clear();
                context.clear_timer(RECOUNT);
                Transition(CalendarState::Settled)
            }
            _ => Super,
        }
    }

    /// A change begins the count anew, with those before it.
    #[superstate]
    fn changed(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<CalendarState> {
        let Some(change) = self.take(&event.input) else {
            return match event.input {
                CalendarInput::Counted { .. } => Super,
                _ => Handled,
            };
        };
        self.changes.push(change);
        context.set_timer(RECOUNT, event.at);
        Transition(CalendarState::Recounting { after: String::new() })
    }
}

impl OfficeCalendar {
    /// The exceptions that an agency goes by: all agencies' and its own.
    pub fn seen_by<'a>(&'a self, agency: &'a str) -> impl Iterator<Item = &'a DayException> {
        let holds = move |one: &&DayException| one.agency.as_deref().is_none_or(|own| own == agency);
        self.exceptions.iter().filter(holds)
    }

    /// Takes what an input says over; the change, if it is one.
    fn take(&mut self, input: &CalendarInput) -> Option<DayChange> {
        match input {
            CalendarInput::Years { digest } => {
                let first = self.digest.is_empty();
                let same = self.digest == *digest;
                self.digest.clone_from(digest);
                (!first && !same).then(|| DayChange {
                    agency: None,
                    day: None,
                    working: None,
                    reason: "lịch làm việc các năm thay đổi (the calendar of the years changed)".to_owned(),
                    document: format!("calendar {digest}"),
                })
            }
            CalendarInput::Set { exception } => {
                if self.exceptions.contains(exception) {
                    return None;
                }
                self.forget(exception.agency.as_deref(), exception.day);
                self.exceptions.push(exception.clone());
                self.exceptions.sort();
                Some(DayChange {
                    agency: exception.agency.clone(),
                    day: Some(exception.day),
                    working: Some(exception.working),
                    reason: exception.reason.clone(),
                    document: exception.document.clone(),
                })
            }
            CalendarInput::Withdraw {
                agency,
                day,
                reason,
                document,
            } => self.forget(agency.as_deref(), *day).then(|| DayChange {
                agency: agency.clone(),
                day: Some(*day),
                working: None,
                reason: reason.clone(),
                document: document.clone(),
            }),
            CalendarInput::Counted { .. } => None,
        }
    }

    fn forget(&mut self, agency: Option<&str>, day: Date) -> bool {
        let before = self.exceptions.len();
        self.exceptions
            .retain(|one| one.agency.as_deref() != agency || one.day != day);
        self.exceptions.len() < before
    }
}

impl Machine for OfficeCalendar {
    const NAME: &'static str = "approval.calendar";
    const VERSION: u32 = 1;
    type State = CalendarState;
    type Input = CalendarInput;
    type Event = Event;

    fn initial() -> CalendarState {
        CalendarState::Settled
    }

    fn dispatch(&mut self, state: &mut CalendarState, on: &On, cx: &mut Cx<Event>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, state: &CalendarState) -> Waiting {
        match state {
            CalendarState::Settled => Waiting::Final,
            CalendarState::Recounting { .. } => Waiting::Timer(RECOUNT),
        }
    }
}
