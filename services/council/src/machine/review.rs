//! A review: one dossier before one council. It follows the dossier's course, so that a council cannot meet on what may
//! not be tabled yet, and it holds who has voted, never how: a secret choice lies in the sealed box until the count.

use std::collections::{BTreeMap, BTreeSet};

use law::{Ballot, CouncilRule};
use machine::{Cx, Machine, Stimulus, Timestamp, Waiting};
use proto::council::v1::{Concluded, Event, Tabled, event::Fact};
use serde::{Deserialize, Serialize};
use statig::prelude::*;

use super::Choice;

/// What is known of a review, whatever its state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// What the dossier's submission said.
    pub opening: Option<Opening>,
    /// Whether the dossier lies at this council's station now.
    pub here: bool,
    /// Whether a complaint, inspection or investigation halts it.
    pub suspended: bool,
    /// When the dossier was submitted.
    pub opened_at: Timestamp,
    /// The round of voting that is under way, or the last one.
    pub round: Round,
}

/// What the dossier's submission says to each council of its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The dossier.
    pub dossier: String,
    /// Who is proposed (personal or unit number), or empty.
    pub candidate_person: String,
    /// Index of the council's station in the route.
    pub station: u32,
    /// How the council votes; its agency holds the council.
    pub rule: CouncilRule,
    /// Whether the dossier begins its way here.
    pub here: bool,
}

/// One round of voting: from an agenda to the minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// How many counted rounds were before it.
    pub number: u32,
    /// The session, or empty.
    pub session: String,
    /// The agency whose council meets: the review's own, or its successor.
    pub meeting: String,
    /// When it came on the agenda.
    pub tabled_at: Option<Timestamp>,
    /// How many members the council has.
    pub members: u32,
    /// Who is present or sends a written opinion.
    pub attending: BTreeSet<String>,
    /// Who does not vote on this dossier.
    pub recused: BTreeSet<String>,
    /// Who has voted; what, only of an open ballot.
    pub ballots: BTreeMap<String, Option<Choice>>,
    /// The count, once voting is over.
    pub counts: Option<Counts>,
}

/// A count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// For.
    pub yes: u32,
    /// Against.
    pub no: u32,
    /// Neither.
    pub blank: u32,
    /// What the share of the yes is taken of.
    pub base: u32,
    /// Whether the law's threshold is reached.
    pub passed: bool,
}

/// What has to happen at the station before its council may meet on a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Want {
    /// The office has to receive it.
    Receipt,
    /// The standing body has to appraise it.
    Appraisal,
    /// Its names have to be published.
    Publication,
    /// The publication has to end.
    PublicationEnd,
    /// It has to become due: never, if the procedure is the simplified one.
    Council,
}

impl Want {
    /// The reason to refuse a session for.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Receipt => "NOT_RECEIVED",
            Self::Appraisal => "NOT_APPRAISED",
            Self::Publication => "NOT_PUBLISHED",
            Self::PublicationEnd => "PUBLICATION_RUNNING",
            Self::Council => "NO_COUNCIL",
        }
    }
}

/// Where a review is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum ReviewState {
    /// Not heard of.
    New,
    /// It may not be tabled yet.
    Waiting {
        /// Why not.
        want: Want,
    },
    /// A session may take it up.
    Queued,
    /// It is on the agenda of a session.
    Tabled,
    /// Ballots are taken.
    Voting,
    /// Counted; it takes effect with the minutes.
    Tallied,
    /// Passed, by signed minutes.
    Passed,
    /// Not passed, by signed minutes; a new session may take it up.
    Failed,
    /// The dossier was withdrawn, recalled or concluded.
    Ended,
}

/// What can be asked of a review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum ReviewInput {
    /// The dossier was submitted, for the first time or again.
    Open(Opening),
    /// It was forwarded to this station.
    Arrive,
    /// It left: returned, forwarded on, or recalled.
    Leave,
    /// It is back where it was: supplemented, or recalled from the next station.
    Regain,
    /// The office received it.
    Receive,
    /// It was appraised.
    Appraise {
        /// Whether its names must be published before the council meets.
        publication: bool,
    },
    /// Its names are published.
    Publish,
    /// The publication is over.
    PublicationOver,
    /// The council may take it up.
    Due {
        /// How the council votes.
        rule: CouncilRule,
    },
    /// It is halted.
    Suspend,
    /// It goes on.
    Resume {
        /// Whether it is known to lie at this station.
        here: bool,
    },
    /// Withdrawn, recalled to a draft, awarded or refused.
    End,
    /// It is on the agenda of a session.
    Table {
        /// The session.
        session: String,
        /// The agency whose council meets.
        meeting: String,
    },
    /// Who is there; opens the vote if the session is quorate.
    Attend {
        /// How many members the council has.
        members: u32,
        /// Who is present or sends a written opinion.
        attending: BTreeSet<String>,
        /// Whether the session has its quorum.
        quorate: bool,
    },
    /// A member does not vote on it.
    Recuse {
        /// Who.
        member: String,
    },
    /// A member has voted.
    BallotCast {
        /// In which session.
        session: String,
        /// Who.
        member: String,
        /// What, of an open ballot; a secret choice never comes here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        choice: Option<Choice>,
    },
    /// Voting is over; what the sealed box held. Open ballots are counted here.
    Tally {
        /// For.
        yes: u32,
        /// Against.
        no: u32,
        /// Neither.
        blank: u32,
    },
    /// The minutes are signed.
    Conclude,
}

type On = Stimulus<ReviewInput>;

#[state_machine(
    initial = "ReviewState::New",
    state(custom, name = "ReviewState"),
    superstate(name = "ReviewSuperstate", derive(Debug))
)]
impl Review {
    #[state]
    fn new(&mut self, event: &On) -> Outcome<ReviewState> {
        match &event.input {
            ReviewInput::Open(opening) => self.open(opening, event.at),
            _ => Super,
        }
    }

    #[state(superstate = "known")]
    fn waiting(&mut self, want: &Want, event: &On, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        let want = match &event.input {
            ReviewInput::Receive => Want::Appraisal,
            ReviewInput::Appraise { publication: true } => Want::Publication,
            ReviewInput::Publish => Want::PublicationEnd,
            ReviewInput::Appraise { publication: false } | ReviewInput::PublicationOver => Want::Council,
            ReviewInput::Table { .. } if !self.suspended => return context.refuse(want.reason(), self.dossier()),
            _ => return Super,
        };
        Transition(ReviewState::Waiting { want })
    }

    #[state(superstate = "tableable")]
    fn queued() -> Outcome<ReviewState> {
        Super
    }

    #[state(superstate = "in_session")]
    fn tabled(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        match &event.input {
            ReviewInput::Attend { .. } => self.attend(event, context),
            ReviewInput::BallotCast { session, .. } if *session == self.round.session && !self.suspended => {
                context.refuse("NO_QUORUM", "")
            }
            ReviewInput::Tally { .. } => self.untable(),
            _ => Super,
        }
    }

    #[state(superstate = "in_session")]
    fn voting(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        match &event.input {
            ReviewInput::Attend { .. } => self.attend(event, context),
            ReviewInput::BallotCast { session, member, choice } if *session == self.round.session => {
                self.ballot(member, *choice, context)
            }
            // Who had no chance to vote before the halt shall not count against it: the next session takes it up.
            ReviewInput::Tally { .. } if self.suspended && !self.everyone_voted() => self.untable(),
            ReviewInput::Tally { yes, no, blank } => {
                self.round.counts = Some(self.count(*yes, *no, *blank));
                Transition(ReviewState::Tallied)
            }
            _ => Super,
        }
    }

    /// A count that was taken takes effect with the minutes, whether the dossier is halted since or not.
    #[state(superstate = "in_session")]
    fn tallied(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        match &event.input {
            ReviewInput::Recuse { .. } | ReviewInput::BallotCast { .. } => context.refuse("VOTING_CLOSED", ""),
            ReviewInput::Conclude => {
                let Counts { yes, no, blank, base, passed } = self.round.counts.unwrap_or_default();
                self.tell(Fact::Concluded(Concluded { passed, yes, no, blank, base }), context);
                Transition(if passed { ReviewState::Passed } else { ReviewState::Failed })
            }
            _ => Super,
        }
    }

    #[state(superstate = "known")]
    fn passed(event: &On) -> Outcome<ReviewState> {
        match &event.input {
            // What passed has passed, whatever became of the dossier.
            ReviewInput::End => Handled,
            _ => Super,
        }
    }

    #[state(superstate = "tableable")]
    fn failed() -> Outcome<ReviewState> {
        Super
    }

    #[state(superstate = "known")]
    fn ended() -> Outcome<ReviewState> {
        Super
    }

    /// What a session may take up.
    #[superstate(superstate = "known")]
    fn tableable(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        match &event.input {
            ReviewInput::Table { session, meeting } if !self.suspended && self.here => {
                self.begin_round();
                self.round.session.clone_from(session);
                self.round.meeting.clone_from(meeting);
                self.round.tabled_at = Some(event.at);
                self.tell(Fact::Tabled(Tabled {}), context);
                Transition(ReviewState::Tabled)
            }
            _ => Super,
        }
    }

    /// What a session has taken up.
    #[superstate(superstate = "known")]
    fn in_session(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        match &event.input {
            ReviewInput::Table { .. } => context.refuse("ALREADY_TABLED", self.dossier()),
            ReviewInput::Recuse { member } if self.round.ballots.contains_key(member) => {
                context.refuse("VOTED_ALREADY", "")
            }
            ReviewInput::Recuse { member } => {
                self.round.recused.insert(member.clone());
                Handled
            }
            ReviewInput::BallotCast { session, .. } if *session == self.round.session && self.suspended => {
                context.refuse("SUSPENDED", "")
            }
            ReviewInput::Leave => {
                self.here = false;
                self.untable()
            }
            _ => Super,
        }
    }

    /// What every review shares: following the dossier's course. An event is never refused.
    #[superstate]
    fn known(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        match &event.input {
            ReviewInput::Open(opening) => self.open(opening, event.at),
            ReviewInput::Arrive => {
                self.begin_round();
                self.here = true;
                Transition(ReviewState::Waiting { want: Want::Receipt })
            }
            ReviewInput::Due { rule } => {
                self.begin_round();
                self.here = true;
                if let Some(opening) = &mut self.opening {
                    opening.rule = rule.clone();
                }
                Transition(ReviewState::Queued)
            }
            ReviewInput::Leave => {
                self.here = false;
                Handled
            }
            ReviewInput::Regain => {
                self.here = true;
                Handled
            }
            ReviewInput::Suspend => {
                self.suspended = true;
                Handled
            }
            ReviewInput::Resume { here } => {
                self.suspended = false;
                self.here |= here;
                Handled
            }
            ReviewInput::End => {
                self.here = false;
                self.suspended = false;
                Transition(ReviewState::Ended)
            }
            ReviewInput::Receive
            | ReviewInput::Appraise { .. }
            | ReviewInput::Publish
            | ReviewInput::PublicationOver => Handled,
            ReviewInput::Table { .. } if self.suspended => context.refuse("SUSPENDED", self.dossier()),
            ReviewInput::Recuse { .. } | ReviewInput::BallotCast { .. } => context.refuse("VOTING_CLOSED", ""),
            _ => Super,
        }
    }
}

impl Review {
    /// The dossier.
    pub fn dossier(&self) -> &str {
        self.opening.as_ref().map_or("", |opening| &opening.dossier)
    }

    /// The agency that holds the council by the dossier's route.
    pub fn council(&self) -> &str {
        self.opening.as_ref().map_or("", |opening| &opening.rule.agency)
    }

    /// How the council votes.
    pub fn rule(&self) -> Option<&CouncilRule> {
        self.opening.as_ref().map(|opening| &opening.rule)
    }

    /// Who is proposed, if it is known.
    pub fn candidate_person(&self) -> Option<&str> {
        self.opening.as_ref().map(|opening| opening.candidate_person.as_str()).filter(|person| !person.is_empty())
    }

    /// Whether choices lie in the sealed box. Without a rule they would: secrecy is the safe side.
    pub fn secret(&self) -> bool {
        self.rule().is_none_or(|rule| rule.ballot == Ballot::Secret)
    }

    fn open(&mut self, opening: &Opening, at: Timestamp) -> Outcome<ReviewState> {
        self.begin_round();
        self.opening = Some(opening.clone());
        (self.here, self.suspended, self.opened_at) = (opening.here, false, at);
        Transition(ReviewState::Waiting { want: Want::Receipt })
    }

    /// Forgets a round that was not counted; one that was stays in the read model under its number.
    fn begin_round(&mut self) {
        let number = self.round.number + u32::from(self.round.counts.is_some());
        self.round = Round { number, ..Round::default() };
    }

    fn untable(&mut self) -> Outcome<ReviewState> {
        self.begin_round();
        Transition(ReviewState::Queued)
    }

    /// Whose ballot was taken stays; a quorum that ballots rest on stays.
    fn attend(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        let ReviewInput::Attend { members, attending, quorate } = &event.input else { return Super };
        if self.round.ballots.keys().any(|voter| !attending.contains(voter)) {
            return context.refuse("VOTED_ALREADY", self.dossier());
        }
        if !quorate && !self.round.ballots.is_empty() {
            return context.refuse("NOT_QUORATE", self.dossier());
        }
        self.round.members = *members;
        self.round.attending.clone_from(attending);
        Transition(if *quorate { ReviewState::Voting } else { ReviewState::Tabled })
    }

    fn ballot(&mut self, member: &str, choice: Option<Choice>, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        let reason = if self.suspended {
            "SUSPENDED"
        } else if self.round.recused.contains(member) {
            "RECUSED"
        } else if !self.round.attending.contains(member) {
            "MEMBER_ABSENT"
        } else if self.round.ballots.contains_key(member) {
            "VOTED_ALREADY"
        } else if choice.is_some() == self.secret() {
            // A secret choice must not enter history, and an open one must.
            "INVALID_REQUEST"
        } else {
            self.round.ballots.insert(member.to_owned(), choice);
            return Handled;
        };
        context.refuse(reason, "")
    }

    fn everyone_voted(&self) -> bool {
        self.round.attending.difference(&self.round.recused).all(|member| self.round.ballots.contains_key(member))
    }

    fn count(&self, yes: u32, no: u32, blank: u32) -> Counts {
        let open = |choice| self.round.ballots.values().filter(|cast| **cast == Some(choice)).count() as u32;
        let (members, attending) = (self.round.members, self.round.attending.len() as u32);
        let yes = yes + open(Choice::Yes);
        Counts {
            yes,
            no: no + open(Choice::No),
            blank: blank + open(Choice::Blank),
            base: self.rule().map_or(members, |rule| rule.base(members, attending)),
            passed: self.rule().is_some_and(|rule| rule.passed(yes, members, attending)),
        }
    }

    fn tell(&self, fact: Fact, context: &mut Cx<Event>) {
        context.publish(Event {
            dossier: self.dossier().to_owned(),
            council: self.council().to_owned(),
            session: self.round.session.clone(),
            fact: Some(fact),
        });
    }
}

impl ReviewState {
    /// Whether a session has it on its agenda.
    pub fn in_session(&self) -> bool {
        matches!(self, Self::Tabled | Self::Voting | Self::Tallied)
    }
}

impl Machine for Review {
    const NAME: &'static str = "council.review";
    const VERSION: u32 = 1;
    type State = ReviewState;
    type Input = ReviewInput;
    type Event = Event;

    fn initial() -> ReviewState {
        ReviewState::New
    }

    fn dispatch(&mut self, state: &mut ReviewState, on: &On, cx: &mut Cx<Event>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, state: &ReviewState) -> Waiting {
        match state {
            ReviewState::New | ReviewState::Passed | ReviewState::Ended => Waiting::Final,
            ReviewState::Waiting { .. } => Waiting::Service("approval"),
            ReviewState::Queued => Waiting::On { role: "officer", agency: self.council().to_owned() },
            ReviewState::Tabled | ReviewState::Voting | ReviewState::Tallied => {
                Waiting::On { role: "secretary", agency: self.round.meeting.clone() }
            }
            ReviewState::Failed => Waiting::On { role: "leader", agency: self.council().to_owned() },
        }
    }
}
