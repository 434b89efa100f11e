//! The rules of passage: what each state of a review does with each input.

use std::collections::BTreeSet;

use machine::{Cx, Stimulus, Timestamp};
use proto::council::v1::{Concluded, Event, Released, Tabled, event::Fact};
use statig::prelude::*;

use super::{Choice, Counts, Opening, Review, ReviewInput, ReviewState, Round, Want};
use crate::machine::{Recused, Standing};

type On = Stimulus<ReviewInput>;

#[state_machine(
    initial = "ReviewState::New",
    state(custom, name = "ReviewState"),
    superstate(name = "ReviewSuperstate", derive(Debug))
)]
impl Review {
    #[state]
    #[expect(
        clippy::new_ret_no_self,
        clippy::wrong_self_convention,
        reason = "the handler of the state `New`"
    )]
    fn new(&mut self, event: &On) -> Outcome<ReviewState> {
        match &event.input {
            ReviewInput::Open(opening) => self.open(opening, event.at),
            _ => Super,
        }
    }

    #[state(superstate = "known")]
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "statig lends a state's fields")]
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

    #[state(superstate = "votable")]
    fn tabled(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        match &event.input {
            ReviewInput::Tally { quorate: false, .. } => self.let_go(context),
            // The first ballot opens the vote.
            ReviewInput::BallotCast { session, .. } if *session == self.round.session => {
                match self.ballot(event, context) {
                    Handled => {
                        self.round.begun_at = Some(event.at);
                        Transition(ReviewState::Voting)
                    }
                    refused => refused,
                }
            }
            _ => Super,
        }
    }

    #[state(superstate = "votable")]
    fn voting(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        match &event.input {
            ReviewInput::BallotCast { session, .. } if *session == self.round.session => self.ballot(event, context),
            // Who leaves the base must have left it before anybody knew how the vote goes.
            ReviewInput::Recuse { member, .. }
                if !self.round.ballots.contains_key(member)
                    && self
                        .round
                        .terms
                        .as_ref()
                        .is_some_and(|terms| terms.recused == Recused::Leave) =>
            {
                context.refuse("VOTING_OPEN", "")
            }
            _ => Super,
        }
    }

    /// What can be voted on, or is.
    #[superstate(superstate = "in_session")]
    fn votable(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        match &event.input {
            ReviewInput::Tally { attending, .. } if !self.is_countable(attending) => self.let_go(context),
            ReviewInput::Tally {
                members,
                attending,
                yes,
                no,
                blank,
                ..
            } => {
                self.round.counts = Some(self.count(*members, attending, [*yes, *no, *blank]));
                Transition(ReviewState::Tallied)
            }
            ReviewInput::Release => self.let_go(context),
            _ => Super,
        }
    }

    /// A count that was taken takes effect with the minutes, whether the dossier is halted since or not.
    #[state(superstate = "in_session")]
    fn tallied(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        match &event.input {
            ReviewInput::Recuse { .. } | ReviewInput::BallotCast { .. } => context.refuse("VOTING_CLOSED", ""),
            ReviewInput::Conclude => {
                let Counts {
                    yes,
                    no,
                    blank,
                    base,
                    passed,
                } = self.round.counts.unwrap_or_default();
                self.tell(
                    Fact::Concluded(Concluded {
                        passed,
                        yes,
                        no,
                        blank,
                        base,
                    }),
                    context,
                );
                Transition(if passed {
                    ReviewState::Passed
                } else {
                    ReviewState::Failed
                })
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
            ReviewInput::Table {
                session,
                meeting,
                terms,
                recused,
            } if !self.suspended && self.here => {
                self.begin_round();
                self.round = Round {
                    number: self.round.number,
                    session: session.clone(),
                    meeting: meeting.clone(),
                    tabled_at: Some(event.at),
                    award: self.award().to_owned(),
                    terms: Some(terms.clone()),
                    recused: recused.clone(),
                    ..Round::default()
                };
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
            ReviewInput::Recuse { member, .. } if self.round.ballots.contains_key(member) => {
                context.refuse("VOTED_ALREADY", "")
            }
            ReviewInput::Recuse { member, ground } => {
                self.round.recused.insert(member.clone(), *ground);
                Handled
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
            ReviewInput::Due { award, rule } => {
                self.begin_round();
                self.here = true;
                if let Some(opening) = &mut self.opening {
                    opening.rule = rule.clone();
                    if !award.is_empty() {
                        opening.award.clone_from(award);
                    }
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
            | ReviewInput::PublicationOver
            // It had left the session before that was called off.
            | ReviewInput::Release => Handled,
            ReviewInput::Table { .. } if self.suspended => context.refuse("SUSPENDED", self.dossier()),
            ReviewInput::Recuse { .. } | ReviewInput::BallotCast { .. } => context.refuse("VOTING_CLOSED", ""),
            _ => Super,
        }
    }
}

impl Review {
    fn open(&mut self, opening: &Opening, at: Timestamp) -> Outcome<ReviewState> {
        self.begin_round();
        self.opening = Some(opening.clone());
        (self.here, self.suspended, self.opened_at) = (opening.here, false, at);
        Transition(ReviewState::Waiting { want: Want::Receipt })
    }

    /// Forgets a round that was not counted; one that was stays in the read model under its number.
    fn begin_round(&mut self) {
        let number = self.round.number + u32::from(self.round.counts.is_some());
        self.round = Round {
            number,
            ..Round::default()
        };
    }

    /// The session is done with it and came to nothing.
    fn let_go(&mut self, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        self.tell(Fact::Released(Released {}), context);
        self.untable()
    }

    fn untable(&mut self) -> Outcome<ReviewState> {
        self.begin_round();
        Transition(ReviewState::Queued)
    }

    fn ballot(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        let ReviewInput::BallotCast {
            member,
            standing,
            choice,
            ..
        } = &event.input
        else {
            return Super;
        };
        let reason = match standing {
            Standing::Closed => "VOTING_CLOSED",
            Standing::Outsider => "NOT_A_MEMBER",
            _ if self.suspended => "SUSPENDED",
            Standing::NoQuorum => "NO_QUORUM",
            Standing::Adjourned => "SESSION_ADJOURNED",
            _ if self.round.recused.contains_key(member) => "RECUSED",
            Standing::Absent => "MEMBER_ABSENT",
            Standing::Votes if self.round.ballots.contains_key(member) && !self.may_change() => "VOTED_ALREADY",
            // A secret choice must not enter history, and an open one must.
            Standing::Votes if choice.is_some() == self.secret() => "INVALID_REQUEST",
            Standing::Votes => {
                self.round.ballots.insert(member.clone(), *choice);
                return Handled;
            }
        };
        context.refuse(reason, "")
    }

    fn count(&self, members: u32, attending: &BTreeSet<String>, boxed: [u32; 3]) -> Counts {
        let open = |choice| {
            let cast = self.round.ballots.values();
            cast.filter(|cast| **cast == Some(choice)).count() as u32
        };
        let turnout = self.turnout(members, attending);
        let [yes, no, blank] = boxed;
        let yes = yes + open(Choice::Yes);
        let terms = self.terms();
        Counts {
            yes,
            no: no + open(Choice::No),
            blank: blank + open(Choice::Blank),
            base: terms.as_ref().map_or(members, |terms| terms.base(turnout)),
            passed: terms.is_some_and(|terms| terms.passed(yes, turnout)),
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
