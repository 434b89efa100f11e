//! A dossier (hồ sơ): one candidate and one award, from draft to the end that approval tells.

#![expect(
    clippy::new_ret_no_self,
    clippy::wrong_self_convention,
    reason = "statig names a handler after its state and hands it the state's fields by reference"
)]

use machine::{Cx, Machine, Stimulus, Waiting};
use proto::intake::v1::{Event, Submitted, Supplemented, event::Fact};
use serde::{Deserialize, Serialize};
use statig::prelude::*;

use super::{Chosen, Head, Judged, Questioned};

/// What is known of a dossier, whatever its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dossier {
    /// Its id.
    pub id: String,
    /// The dossier file (canonical JSON).
    pub content: String,
    /// What searches and events need of it.
    pub head: Head,
    /// What the law says of it, as of the newest check.
    pub judged: Judged,
    /// How often it was submitted.
    pub round: u32,
    /// Agencies of its way, once submitted: they may read it.
    pub way: Vec<String>,
    /// The day on which an office first had the complete dossier, ISO 8601, or empty.
    #[serde(default)]
    pub received_on: String,
    /// The rule set that a person chose.
    #[serde(default)]
    pub chosen: Option<Chosen>,
    /// Agencies that are asked for their opinion now: they may read it meanwhile.
    #[serde(default)]
    pub asked: Vec<String>,
    /// Awards that were proposed before, oldest first: each failed in a council, and a lower one took its place.
    #[serde(default)]
    pub proposed_before: Vec<String>,
    /// Earlier awards that it relies on and that were revoked since.
    #[serde(default)]
    pub in_question: Vec<Questioned>,
}

/// Where a dossier is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum State {
    /// Not there.
    New,
    /// A draft.
    Drafting,
    /// Sent; approval has not opened its course yet.
    Submitted,
    /// On its way through the levels.
    InReview,
    /// Back for supplement.
    Returned,
    /// Halted.
    Suspended {
        /// Whether it was returned when it was halted.
        returned: bool,
    },
    /// Awarded.
    Awarded,
    /// Awarded, and revoked since.
    Revoked,
    /// Not awarded.
    Refused,
    /// Taken back for good.
    Withdrawn,
}

/// What can be asked of a dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum Input {
    /// Draft it, or replace its content.
    Draft {
        /// The dossier's id.
        id: String,
        /// The dossier file (canonical JSON).
        content: String,
        /// Its parts.
        head: Head,
        /// What the law says of it.
        judged: Judged,
    },
    /// Submit it.
    Submit {
        /// The dossier file with the letter's number.
        content: String,
        /// Its parts.
        head: Head,
        /// What the law says of it.
        judged: Judged,
        /// The way that the law gives it (JSON of `law::Route`).
        route: String,
        /// The authority that decides.
        deciding_agency: String,
        /// Agencies of its way.
        way: Vec<String>,
    },
    /// The missing papers.
    Supplement {
        /// The dossier file with them.
        content: String,
        /// What the law says of it now.
        judged: Judged,
        /// Kinds of the papers added.
        documents: Vec<String>,
    },
    /// Choose the rule set that is more favourable, or choose back.
    Choose {
        /// The rule set; empty: as the dates select.
        rule_set: String,
        /// The rule set that the dates select.
        instead_of: String,
        /// Why.
        reason: String,
        /// What the law says of it now.
        judged: Judged,
    },
    /// An office has the complete dossier.
    Receive {
        /// The day that counts: the first on which one had, ISO 8601.
        on: String,
        /// What the law says of it now; `None` where it has no answer any more.
        judged: Option<Judged>,
    },
    /// After a failed vote a lower award is proposed.
    Lower {
        /// Which.
        award: String,
        /// The dossier file with it.
        content: String,
        /// What the law says of it now; `None` where it has no answer any more.
        judged: Option<Judged>,
    },
    /// Other agencies are asked for their opinion, or no longer.
    Ask {
        /// Which.
        agencies: Vec<String>,
        /// Whether they are.
        asked: bool,
    },
    /// The candidate has moved to another agency: that one may read it too.
    Moved {
        /// Where to.
        to: String,
    },
    /// An earlier award that it relies on was revoked.
    Question {
        /// Which.
        questioned: Questioned,
    },
    /// Such an award was restored.
    Restored {
        /// The dossier that it was given on.
        given_on: String,
    },
    /// Throw a draft away.
    Discard,
    /// What approval tells.
    Follow {
        /// What happened.
        told: Told,
    },
}

/// What approval tells of a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// The course is open.
    Opened,
    /// Back for supplement.
    Returned,
    /// Halted.
    Suspended,
    /// No longer halted, and not returned.
    Resumed,
    /// No longer halted, still returned.
    ResumedReturned,
    /// Back with its proposer, as a draft.
    Recalled,
    /// Taken back for good.
    Withdrawn,
    /// Awarded.
    Awarded,
    /// Not awarded.
    Refused,
    /// The award is revoked.
    Revoked,
    /// The award is restored.
    Restored,
}

type On = Stimulus<Input>;

#[state_machine(
    initial = "State::New",
    state(custom, name = "State"),
    superstate(name = "Superstate", derive(Debug))
)]
impl Dossier {
    #[state]
    fn new(&mut self, event: &On) -> Outcome<State> {
        match &event.input {
            Input::Draft { .. } => self.write(event),
            _ => Super,
        }
    }

    #[state]
    fn drafting(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Draft { .. } => self.write(event),
            Input::Submit {
                content,
                head,
                judged,
                route,
                deciding_agency,
                way,
            } => {
                if self.round == 0 && !head.reference.is_empty() {
                    context.claim(format!("reference/{}/{}", head.submitting_agency, head.reference));
                }
                self.round += 1;
                self.content.clone_from(content);
                self.head.clone_from(head);
                self.judged.clone_from(judged);
                self.way.clone_from(way);
                let submitted = Submitted {
                    candidate_kind: head.candidate_kind.clone(),
                    candidate_person: head.candidate_person.clone(),
                    candidate_name: head.candidate_name.clone(),
                    letter_number: head.letter_number.clone(),
                    letter_date: head.letter_date.clone(),
                    rule_set: judged.rule_set.clone(),
                    verdict: judged.verdict.clone(),
                    route: route.clone(),
                    round: self.round,
                    award_year: head.award_year,
                };
                context.publish(self.event(deciding_agency, Fact::Submitted(submitted)));
                Transition(State::Submitted)
            }
            Input::Choose { .. } => self.choose(event),
            Input::Discard => Transition(State::Withdrawn),
            _ => Super,
        }
    }

    #[state(superstate = "under_way")]
    fn submitted() -> Outcome<State> {
        Super
    }

    #[state(superstate = "under_way")]
    fn in_review() -> Outcome<State> {
        Super
    }

    #[state(superstate = "under_way")]
    fn returned(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Draft {
                content, head, judged, ..
            } => {
                self.content.clone_from(content);
                self.head.clone_from(head);
                self.judged.clone_from(judged);
                Handled
            }
            Input::Supplement {
                content,
                judged,
                documents,
            } => {
                self.content.clone_from(content);
                self.judged.clone_from(judged);
                let supplemented = Supplemented {
                    verdict: judged.verdict.clone(),
                    documents: documents.clone(),
                };
                context.publish(self.event("", Fact::Supplemented(supplemented)));
                Transition(State::InReview)
            }
            Input::Choose { .. } => self.choose(event),
            Input::Follow { told: Told::Suspended } => Transition(State::Suspended { returned: true }),
            _ => Super,
        }
    }

    #[state(superstate = "under_way")]
    fn suspended(&mut self, returned: &bool, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        let _ = returned;
        match &event.input {
            Input::Supplement { .. } | Input::Draft { .. } | Input::Choose { .. } => context.refuse("SUSPENDED", ""),
            _ => Super,
        }
    }

    #[state(superstate = "known")]
    fn awarded(event: &On) -> Outcome<State> {
        match &event.input {
            Input::Follow { told: Told::Revoked } => Transition(State::Revoked),
            _ => Super,
        }
    }

    #[state(superstate = "known")]
    fn revoked(event: &On) -> Outcome<State> {
        match &event.input {
            Input::Follow { told: Told::Restored } => Transition(State::Awarded),
            _ => Super,
        }
    }

    #[state]
    fn refused() -> Outcome<State> {
        Super
    }

    #[state]
    fn withdrawn() -> Outcome<State> {
        Super
    }

    /// What was submitted can come to rely on what is revoked, also once it was awarded itself.
    #[superstate]
    fn known(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        if let Input::Moved { to } = &event.input {
            if !self.way.contains(to) {
                self.way.push(to.clone());
            }
            return Handled;
        }
        self.question(&event.input, context)
    }

    /// From submission on, approval tells and intake follows.
    #[superstate(superstate = "known")]
    fn under_way(&mut self, event: &On) -> Outcome<State> {
        let told = match &event.input {
            Input::Ask { agencies, asked } => {
                self.asked.retain(|agency| !agencies.contains(agency));
                if *asked {
                    self.asked.extend(agencies.iter().cloned());
                }
                return Handled;
            }
            Input::Follow { told } => told,
            Input::Lower { award, content, judged } => {
                if self.head.award != *award {
                    let before = std::mem::replace(&mut self.head.award, award.clone());
                    self.proposed_before.push(before);
                }
                // The file stays the one that the verdict in force was reached by.
                if let Some(judged) = judged {
                    self.content.clone_from(content);
                    self.judged.clone_from(judged);
                }
                return Handled;
            }
            Input::Receive { on, judged } => {
                self.received_on.clone_from(on);
                if let Some(judged) = judged {
                    self.judged.clone_from(judged);
                }
                return Handled;
            }
            _ => return Super,
        };
        Transition(match told {
            Told::Opened | Told::Resumed => State::InReview,
            Told::Returned | Told::ResumedReturned => State::Returned,
            Told::Suspended => State::Suspended { returned: false },
            Told::Recalled => State::Drafting,
            Told::Withdrawn => State::Withdrawn,
            Told::Awarded => State::Awarded,
            Told::Refused => State::Refused,
            Told::Revoked | Told::Restored => return Super,
        })
    }
}

impl Dossier {
    fn write(&mut self, event: &On) -> Outcome<State> {
        let Input::Draft {
            id,
            content,
            head,
            judged,
        } = &event.input
        else {
            return Super;
        };
        self.id.clone_from(id);
        self.content.clone_from(content);
        self.head.clone_from(head);
        self.judged.clone_from(judged);
        Transition(State::Drafting)
    }

    fn choose(&mut self, event: &On) -> Outcome<State> {
        let Input::Choose {
            rule_set,
            instead_of,
            reason,
            judged,
        } = &event.input
        else {
            return Super;
        };
        self.judged.clone_from(judged);
        self.chosen = (!rule_set.is_empty()).then(|| Chosen {
            rule_set: rule_set.clone(),
            instead_of: instead_of.clone(),
            reason: reason.clone(),
            by: event.by.clone(),
            at: event.at,
        });
        Handled
    }

    pub(super) fn event(&self, deciding_agency: &str, fact: Fact) -> Event {
        Event {
            dossier: self.id.clone(),
            award: self.head.award.clone(),
            basis: self.head.basis.clone(),
            candidate_agency: self.head.candidate_agency.clone(),
            submitting_agency: self.head.submitting_agency.clone(),
            deciding_agency: deciding_agency.to_owned(),
            fact: Some(fact),
        }
    }
}

impl Machine for Dossier {
    const NAME: &'static str = "intake.dossier";
    const VERSION: u32 = 1;
    type State = State;
    type Input = Input;
    type Event = Event;

    fn initial() -> State {
        State::New
    }

    fn dispatch(&mut self, state: &mut State, on: &On, cx: &mut Cx<Event>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, state: &State) -> Waiting {
        match state {
            State::Drafting | State::Returned => Waiting::On {
                role: "clerk",
                agency: self.head.submitting_agency.clone(),
            },
            State::Submitted | State::InReview | State::Suspended { .. } => Waiting::Service("approval"),
            State::New | State::Awarded | State::Revoked | State::Refused | State::Withdrawn => Waiting::Final,
        }
    }
}
