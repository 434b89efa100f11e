//! The rules of passage: what each state of a review does with each input.

use machine::{Cx, Stimulus, Timestamp};
use proto::council::v1::{Concluded, Event, Tabled, event::Fact};
use statig::prelude::*;

use super::{Choice, Counts, Opening, Review, ReviewInput, ReviewState, Round, Want};

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
            ReviewInput::BallotCast {
                session,
                member,
                choice,
            } if *session == self.round.session => self.ballot(member, *choice, context),
            ReviewInput::Tally { .. } if !self.is_countable() => self.untable(),
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

    fn untable(&mut self) -> Outcome<ReviewState> {
        self.begin_round();
        Transition(ReviewState::Queued)
    }

    /// Whose ballot was taken stays; a quorum that ballots rest on stays.
    fn attend(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<ReviewState> {
        let ReviewInput::Attend {
            members,
            attending,
            quorate,
        } = &event.input
        else {
            return Super;
        };
        if self.round.ballots.keys().any(|voter| !attending.contains(voter)) {
            return context.refuse("VOTED_ALREADY", self.dossier());
        }
        if !quorate && !self.round.ballots.is_empty() {
            return context.refuse("NOT_QUORATE", self.dossier());
        }
        self.round.members = *members;
        self.round.attending.clone_from(attending);
        Transition(if *quorate {
            ReviewState::Voting
        } else {
            ReviewState::Tabled
        })
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

    fn count(&self, yes: u32, no: u32, blank: u32) -> Counts {
        let open = |choice| {
            self.round
                .ballots
                .values()
                .filter(|cast| **cast == Some(choice))
                .count() as u32
        };
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
