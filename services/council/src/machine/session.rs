//! A session: who was called, who is there, who presides, and how far it has come. What is on its agenda stands apart, in
//! pages, so that a vote touches nothing that grows; whatever has to be done to every dossier is done page by page.

mod passage;

use std::collections::BTreeSet;

use machine::{Cx, Machine, Stimulus, Timestamp, Waiting};
use proto::council::v1::Event;
use serde::{Deserialize, Serialize};
use time::Date;

use super::{Function, Kind, Member, PAGE, Regulation};

/// The timer by which a session goes on with its next page.
pub const NEXT_PAGE: &str = "page";

/// What is known of a session, whatever its state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Who was called, as of that day.
    pub called: Call,
    /// How many dossiers are on the agenda.
    pub items: u32,
    /// How many members must be present, by the strictest rule of the agenda.
    pub quorum: u32,
    /// When and where it is to meet.
    pub invitation: Option<Invitation>,
    /// Who is there.
    pub present: Vec<String>,
    /// Absent members who vote in writing: no part of the quorum.
    pub writing: Vec<String>,
    /// Who has voted since it last met.
    pub voted: BTreeSet<String>,
    /// Sittings that were adjourned.
    pub sittings: Vec<Sitting>,
    /// When it was convened.
    pub convened_at: Timestamp,
    /// When it first had its quorum.
    pub opened_at: Option<Timestamp>,
    /// When voting was closed.
    pub closed_at: Option<Timestamp>,
    /// Why it was called off, or empty.
    pub cancelled_for: String,
    /// Pages of the agenda that the present stage is done with.
    pub done: u32,
    /// When the minutes were drawn up.
    pub minuted_at: Option<Timestamp>,
    /// SHA-256 of the minutes' content, in hex.
    pub digest: String,
    /// Who has signed the minutes, the secretary first.
    pub signatures: Vec<Signature>,
}

/// Who was called to a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The agency whose council meets.
    pub council: String,
    /// What the council is for.
    pub kind: Kind,
    /// Its standing body, where it is another agency: who appraised what is on the agenda.
    pub standing: Vec<String>,
    /// Everyone on it; whoever presides before the others.
    pub roster: Vec<Member>,
    /// Whether it is a constituted council: then its chair signs the minutes.
    pub constituted: bool,
    /// The council's own regulation.
    pub regulation: Option<Regulation>,
}

/// When and where a session is to meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// When.
    pub meets_at: Timestamp,
    /// Where.
    pub place: String,
    /// What it says beside the agenda.
    pub text: String,
}

/// A sitting that was adjourned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sitting {
    /// When it broke off.
    pub ended_at: Timestamp,
    /// Who was there.
    pub present: Vec<String>,
    /// Who voted in writing.
    pub writing: Vec<String>,
    /// Whether it had its quorum.
    pub quorate: bool,
    /// Whether anybody voted.
    pub balloted: bool,
    /// The day on which it goes on.
    pub until: Date,
    /// The beginning of that day.
    pub not_before: Timestamp,
    /// Why.
    pub reason: String,
}

/// A signature under the minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Whose.
    pub subject: String,
    /// chair or secretary.
    pub function: Function,
    /// Whether the secretary attests it: signed on paper, by a council that is not constituted here.
    pub attested: bool,
    /// When.
    pub at: Timestamp,
}

/// What a member may do in a session now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Voting is open, and they attend.
    Votes,
    /// They are neither there nor vote in writing.
    Absent,
    /// They are not on the council.
    Outsider,
    /// There is no quorum.
    NoQuorum,
    /// It goes on another day.
    Adjourned,
    /// Voting is over.
    Closed,
}

/// Where a session is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum SessionState {
    /// Not convened.
    New,
    /// Called; without a quorum so far.
    Convened,
    /// Enough members are present: voting is open.
    Quorate,
    /// Broken off; goes on another day.
    Adjourned,
    /// Voting is over; the pages of the agenda are being counted.
    Counting,
    /// Counted.
    Closed,
    /// The secretary has signed the minutes; the chair has not.
    Drafted,
    /// The minutes are signed; the results take effect page by page.
    Concluding,
    /// The minutes are signed and all results in effect.
    Minuted,
    /// Called off; its agenda is set free page by page.
    Freeing,
    /// Called off.
    Cancelled,
}

/// What can be asked of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum SessionInput {
    /// Calls it.
    Convene {
        /// Who is called.
        called: Call,
        /// How many dossiers it is about.
        items: u32,
        /// How many members must be present.
        quorum: u32,
    },
    /// Further dossiers come on the agenda.
    Add {
        /// How many.
        items: u32,
        /// How many members must be present for these.
        quorum: u32,
    },
    /// When and where it meets.
    Invite(Invitation),
    /// Who is there; may be corrected until it is closed.
    Attend {
        /// Who is present.
        present: Vec<String>,
        /// Who votes in writing.
        writing: Vec<String>,
    },
    /// A member votes for the first time since it last met.
    Voted {
        /// Who.
        member: String,
    },
    /// Breaks off.
    Adjourn {
        /// The day on which it goes on.
        until: Date,
        /// The beginning of that day.
        not_before: Timestamp,
        /// Why.
        reason: String,
    },
    /// Calls it off.
    Cancel {
        /// Why.
        reason: String,
    },
    /// Voting is over.
    Close,
    /// The present stage is done with one more page of the agenda.
    PageDone,
    /// The minutes are drawn up and signed by the secretary.
    Minute {
        /// SHA-256 of their content.
        digest: String,
    },
    /// Whoever presided signs them.
    Sign {
        /// What is signed.
        digest: String,
    },
}

pub(crate) type On = Stimulus<SessionInput>;

impl Session {
    /// Who runs it: the council's own agency, and its standing body.
    pub fn run_by(&self) -> Vec<&str> {
        std::iter::once(&self.called.council)
            .chain(&self.called.standing)
            .map(String::as_str)
            .collect()
    }

    /// Everyone with a vote, whoever presides first.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        let votes = |member: &&Member| member.function != Function::Secretary;
        self.called.roster.iter().filter(votes)
    }

    /// Whether someone has a vote in it.
    pub fn is_member(&self, subject: &str) -> bool {
        self.members().any(|member| member.subject == subject)
    }

    /// Pages of the agenda.
    pub fn pages(&self) -> u32 {
        self.items.div_ceil(PAGE as u32)
    }

    /// Whether enough members are present. A written opinion is a vote and no presence.
    pub fn has_quorum(&self) -> bool {
        self.present.len() >= self.quorum as usize
    }

    /// Who presides of those who are there. Of a constituted council the chair, else a vice-chair in their order, else the
    /// member that its regulation names; of any other whoever comes first.
    pub fn presiding<'a>(&'a self, present: &[String]) -> Option<&'a str> {
        let may = |member: &&Member| {
            !self.called.constituted || matches!(member.function, Function::Chair | Function::ViceChair)
        };
        let there = |subject: &&str| present.iter().any(|one| one == subject);
        let stand_in = self.called.regulation.as_ref().and_then(|own| own.stand_in.as_deref());
        self.members()
            .filter(may)
            .map(|member| member.subject.as_str())
            .chain(stand_in)
            .find(there)
    }

    /// Who signs the minutes for the council: whoever presided, or the first of the members if nobody came.
    pub fn chair(&self) -> &str {
        self.presiding(&self.present)
            .or_else(|| self.members().next().map(|member| member.subject.as_str()))
            .unwrap_or_default()
    }

    /// What a member may do now.
    pub fn standing(&self, state: &SessionState, member: &str) -> Standing {
        let attends = || self.present.iter().chain(&self.writing).any(|one| one == member);
        match state {
            _ if !self.is_member(member) => Standing::Outsider,
            SessionState::Quorate if attends() => Standing::Votes,
            SessionState::Quorate => Standing::Absent,
            SessionState::Convened => Standing::NoQuorum,
            SessionState::Adjourned => Standing::Adjourned,
            _ => Standing::Closed,
        }
    }

    /// Who was there or wrote when a vote that began at `begun` could be cast: now, and at each sitting since.
    pub fn attending_since(&self, begun: Timestamp) -> BTreeSet<String> {
        let before = self.sittings.iter().filter(|sitting| sitting.ended_at >= begun);
        before
            .flat_map(|sitting| sitting.present.iter().chain(&sitting.writing))
            .chain(&self.present)
            .chain(&self.writing)
            .cloned()
            .collect()
    }
}

impl SessionState {
    /// Whether its agenda may grow.
    pub fn is_sitting(&self) -> bool {
        matches!(self, Self::Convened | Self::Quorate | Self::Adjourned)
    }
}

impl Machine for Session {
    const NAME: &'static str = "council.session";
    const VERSION: u32 = 1;
    type State = SessionState;
    type Input = SessionInput;
    type Event = Event;

    fn initial() -> SessionState {
        SessionState::New
    }

    fn dispatch(&mut self, state: &mut SessionState, on: &On, cx: &mut Cx<Event>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, state: &SessionState) -> Waiting {
        match state {
            SessionState::New | SessionState::Minuted | SessionState::Cancelled => Waiting::Final,
            SessionState::Counting | SessionState::Concluding | SessionState::Freeing => Waiting::Timer(NEXT_PAGE),
            SessionState::Drafted => Waiting::On {
                role: "member",
                agency: self.called.council.clone(),
            },
            _ => Waiting::On {
                role: "secretary",
                agency: self.called.council.clone(),
            },
        }
    }
}
