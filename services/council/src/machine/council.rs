//! A council of an agency: who sits on it when, and what it lays down for itself, by date. What happened under a charter
//! stays under it: a session keeps the roster and the regulation of the day on which it was convened.

use machine::{Cx, Machine, Stimulus, Waiting};
use proto::council::v1::Event;
use serde::{Deserialize, Serialize};
use statig::prelude::*;
use time::Date;

use super::Regulation;

/// What a council is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Emulation and commendation (thi đua - khen thưởng).
    #[default]
    Commendation,
    /// Initiatives (sáng kiến).
    Initiative,
    /// Science (khoa học).
    Science,
}

/// What a member does on the council.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Function {
    /// Presides.
    Chair,
    /// Presides when the chair is absent, in the order of the seats.
    ViceChair,
    /// Votes.
    #[default]
    Member,
    /// Keeps the record; no vote, and in no base.
    Secretary,
}

/// Who sits in a seat when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Subject of the person's account.
    pub subject: String,
    /// As minutes show it.
    pub name: String,
    /// Personal number, or empty.
    pub person: String,
    /// Code of the agency that the person heads, or empty.
    pub heads: String,
    /// First day; none: as the charter.
    pub from: Option<Date>,
    /// First day on which they no longer sit; none: as the charter.
    pub to: Option<Date>,
}

/// A place on the council: of a post, or of a person by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouncilSeat {
    /// The post, or empty.
    pub post: String,
    /// What its holder does.
    pub function: Function,
    /// Who holds it, by date.
    pub holders: Vec<Holder>,
}

/// How a council is made up from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charter {
    /// First day.
    pub from: Date,
    /// First day on which the term is over; none: until the next charter.
    pub to: Option<Date>,
    /// The decision that constitutes it.
    pub document: String,
    /// Its seats.
    pub seats: Vec<CouncilSeat>,
    /// The agency that prepares its sessions, or empty: its own.
    pub standing_body: String,
    /// Its own regulation.
    pub regulation: Option<Regulation>,
}

/// A member as a session freezes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Subject of the person's account.
    pub subject: String,
    /// As minutes show it; empty: the subject.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The post, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub post: String,
    /// What they do.
    pub function: Function,
    /// Personal number, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub person: String,
    /// The agency that they head, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub heads: String,
}

/// A council. The aggregate's id is `<agency>/<kind>`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Council {
    /// Code of the agency.
    pub agency: String,
    /// What it is for.
    pub kind: Kind,
    /// Oldest first.
    pub charters: Vec<Charter>,
    /// First day on which it no longer sits.
    pub dissolved_on: Option<Date>,
    /// The decision that dissolved it.
    pub dissolved_by: String,
}

/// Where a council is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum CouncilState {
    /// There is none.
    New,
    /// It sits, or will.
    Constituted,
    /// It ends on a day, or has.
    Dissolved,
}

/// What can be asked of a council.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum CouncilInput {
    /// Constitutes it, or lays it down anew from a day.
    Set {
        /// Code of the agency.
        agency: String,
        /// What it is for.
        kind: Kind,
        /// Replaces the charter from the same day, or is added.
        charter: Charter,
    },
    /// Ends it.
    Dissolve {
        /// First day on which it no longer sits.
        on: Date,
        /// The decision.
        document: String,
    },
}

type On = Stimulus<CouncilInput>;

#[state_machine(
    initial = "CouncilState::New",
    state(custom, name = "CouncilState"),
    superstate(name = "CouncilSuperstate", derive(Debug))
)]
impl Council {
    #[state]
    #[expect(
        clippy::new_ret_no_self,
        clippy::wrong_self_convention,
        reason = "the handler of the state `New`"
    )]
    fn new(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<CouncilState> {
        match &event.input {
            CouncilInput::Set { .. } => self.set(event),
            CouncilInput::Dissolve { .. } => context.refuse("NO_SUCH_COUNCIL", ""),
        }
    }

    #[state]
    fn constituted(&mut self, event: &On) -> Outcome<CouncilState> {
        match &event.input {
            CouncilInput::Set { .. } => self.set(event),
            CouncilInput::Dissolve { on, document } => {
                self.dissolved_on = Some(*on);
                self.dissolved_by.clone_from(document);
                Transition(CouncilState::Dissolved)
            }
        }
    }

    /// A new charter constitutes it again.
    #[state]
    fn dissolved(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<CouncilState> {
        match &event.input {
            CouncilInput::Set { .. } => self.set(event),
            CouncilInput::Dissolve { .. } => context.refuse("NO_SUCH_COUNCIL", ""),
        }
    }
}

impl Council {
    fn set(&mut self, event: &On) -> Outcome<CouncilState> {
        let CouncilInput::Set { agency, kind, charter } = &event.input else {
            return Super;
        };
        self.agency.clone_from(agency);
        self.kind = *kind;
        if let Some(ended) = self.dissolved_on.take() {
            // What it was stays over: no charter reaches beyond the day on which it ended.
            for old in self
                .charters
                .iter_mut()
                .filter(|old| old.to.is_none_or(|to| to > ended))
            {
                old.to = Some(ended);
            }
            self.charters.retain(|old| old.to.is_none_or(|to| to > old.from));
        }
        self.charters.retain(|old| old.from != charter.from);
        self.charters.push(charter.clone());
        self.charters.sort_by_key(|charter| charter.from);
        Transition(CouncilState::Constituted)
    }

    /// The charter of a day, if the council sits then.
    pub fn charter_on(&self, day: Date) -> Option<&Charter> {
        if self.dissolved_on.is_some_and(|ended| ended <= day) {
            return None;
        }
        let newest = self.charters.iter().rfind(|charter| charter.from <= day)?;
        newest.to.is_none_or(|to| day < to).then_some(newest)
    }
}

impl Charter {
    /// Who sits on a day: the chair first, then vice-chairs, members and secretaries, each in the order of the seats.
    pub fn roster_on(&self, day: Date) -> Vec<Member> {
        let sits = |holder: &&Holder| holder.from.is_none_or(|from| from <= day) && holder.to.is_none_or(|to| day < to);
        let mut roster: Vec<Member> = self
            .seats
            .iter()
            .filter_map(|seat| {
                let holder = seat.holders.iter().find(sits)?;
                Some(Member {
                    subject: holder.subject.clone(),
                    name: holder.name.clone(),
                    post: seat.post.clone(),
                    function: seat.function,
                    person: holder.person.clone(),
                    heads: holder.heads.clone(),
                })
            })
            .collect();
        roster.sort_by_key(|member| member.function);
        roster
    }
}

impl Machine for Council {
    const NAME: &'static str = "council.council";
    const VERSION: u32 = 1;
    type State = CouncilState;
    type Input = CouncilInput;
    type Event = Event;

    fn initial() -> CouncilState {
        CouncilState::New
    }

    fn dispatch(&mut self, state: &mut CouncilState, on: &On, cx: &mut Cx<Event>) -> bool {
        machine::drive(self, state, on, cx)
    }

    /// It is there, and waits for nobody: its sessions do.
    fn waiting(&self, _state: &CouncilState) -> Waiting {
        Waiting::Final
    }
}
