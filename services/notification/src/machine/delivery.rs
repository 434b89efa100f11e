//! A delivery: one fact for one subscription. Whatever happens, it ends as delivered, parked, suppressed or dead, and
//! says so; it is never just missing.

use machine::{Cx, Machine, Refusal, Stimulus, Timestamp, Waiting};
use serde::{Deserialize, Serialize};
use statig::prelude::*;

use super::{Channel, Owner};

/// The one timer of a delivery; what it means, its state says.
pub const DUE: &str = "due";

/// An attempt that was not concluded by then is taken for failed: whoever made it is gone. Seconds.
pub const LEASE_S: u32 = 60;

/// Pauses after the first, second, … failed attempt, in seconds; after the last of them it is given up. As Standard
/// Webhooks advises: about 75 hours in all.
pub const RETRY_S: [u32; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// A receiver may ask for a longer pause, up to this one. Seconds.
pub const RETRY_AFTER_MAX_S: u32 = 86_400;

/// A delivery that nobody fetches is parked after 35 days. Seconds.
pub const PARK_S: u32 = 35 * 86_400;

/// What the subscriber is told: thin, and no names. Who may know more reads it with their own rights.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// E.g. `dossier.awarded`.
    pub fact: String,
    /// The dossier's id.
    pub dossier: String,
    /// The award's id.
    pub award: String,
    /// Who held it after the fact.
    pub agency: String,
    /// The level after the fact, or empty.
    pub level: String,
    /// The step after the fact, or empty.
    pub step: String,
    /// When it happened.
    pub at: Timestamp,
}

/// What all states of a delivery share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its own id.
    pub id: String,
    /// For which subscription.
    pub subscription: String,
    /// Whose it is.
    pub owner: Owner,
    /// How it is told.
    pub channel: Channel,
    /// What is told.
    pub notice: Notice,
    /// When it was made; with the position, the order in which a subscriber gets them.
    pub made: Timestamp,
    /// The producer's position of its event.
    pub position: i64,
    /// How many attempts were begun.
    pub attempts: u32,
    /// How many of them a person has forgiven: the pauses begin anew after these.
    pub forgiven: u32,
    /// What came of the newest one, e.g. `HTTP 500`.
    pub last_result: String,
}

/// States of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum State {
    /// Not there.
    New,
    /// A webhook, an e-mail: to be sent now. A stream: to be fetched and acknowledged.
    Pending,
    /// An attempt is under way.
    Sending,
    /// An attempt failed; it is tried again.
    Waiting {
        /// When.
        until: Timestamp,
    },
    /// The subscriber has it.
    Delivered,
    /// Nobody fetched it; it is listed, and may still be acknowledged.
    Parked,
    /// It is not to be told any more.
    Suppressed {
        /// Why.
        because: String,
    },
    /// All attempts failed, or the receiver refused it for good.
    Dead,
}

/// Inputs of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum Input {
    /// A fact met a subscription.
    Create {
        /// The delivery's own id, constant over retries.
        id: String,
        /// For which subscription.
        subscription: String,
        /// Whose it is.
        owner: Owner,
        /// How it is told.
        channel: Channel,
        /// What is told.
        notice: Notice,
        /// The producer's position of the event.
        position: i64,
    },
    /// A worker takes it on itself to call, or to write.
    Attempt,
    /// The endpoint took it.
    Succeeded {
        /// E.g. `HTTP 200`.
        result: String,
    },
    /// The endpoint did not.
    Failed {
        /// Which attempt: a late word on an older one is refused.
        attempt: u32,
        /// E.g. `HTTP 500` or `timeout`.
        result: String,
        /// The pause that the endpoint asked for, in seconds; 0 if none.
        retry_after_s: u32,
    },
    /// It will never be taken: no further attempt can help.
    Refused {
        /// Which attempt: a late word on an older one is refused.
        attempt: u32,
        /// E.g. `SMTP 550 at RCPT`.
        result: String,
    },
    /// A person has put right what was wrong: all attempts anew.
    Retry,
    /// The subscriber has it.
    Acknowledge,
    /// It is not to be told any more.
    Suppress {
        /// Why.
        because: String,
    },
    /// The timer.
    Due,
}

/// What a delivery publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// The subscriber has it.
    Delivered {
        /// The delivery.
        delivery: String,
        /// The subscription.
        subscription: String,
        /// Whose it is.
        agency: String,
    },
    /// It was given up.
    Dead {
        /// The delivery.
        delivery: String,
        /// The subscription.
        subscription: String,
        /// Whose it is.
        agency: String,
    },
}

fn after(at: Timestamp, seconds: u32) -> Timestamp {
    Timestamp(at.0.saturating_add(i64::from(seconds) * 1_000_000))
}

impl Delivery {
    fn whose(&self) -> (String, String, String) {
        (self.id.clone(), self.subscription.clone(), self.owner.agency.clone())
    }

    fn has_it(&self, cx: &mut Cx<Fact>) -> Outcome<State> {
        let (delivery, subscription, agency) = self.whose();
        cx.publish(Fact::Delivered {
            delivery,
            subscription,
            agency,
        });
        Transition(State::Delivered)
    }

    /// It is given up.
    fn dies(&mut self, cx: &mut Cx<Fact>) -> Outcome<State> {
        cx.clear_timer(DUE);
        let (delivery, subscription, agency) = self.whose();
        cx.publish(Fact::Dead {
            delivery,
            subscription,
            agency,
        });
        Transition(State::Dead)
    }

    /// The attempt failed: wait for the next one, or give up.
    fn failed(&mut self, result: &str, retry_after_s: u32, cx: &mut Cx<Fact>) -> Outcome<State> {
        result.clone_into(&mut self.last_result);
        let failed_before = self.attempts.saturating_sub(self.forgiven).saturating_sub(1);
        let Some(pause_s) = RETRY_S.get(failed_before as usize) else {
            return self.dies(cx);
        };
        let until = after(cx.now(), (*pause_s).max(retry_after_s.min(RETRY_AFTER_MAX_S)));
        cx.set_timer(DUE, until);
        Transition(State::Waiting { until })
    }
}

#[state_machine(initial = "State::New", state(custom, name = "State"), superstate(derive(Debug)))]
impl Delivery {
    #[state]
    fn new(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        let Input::Create {
            id,
            subscription,
            owner,
            channel,
            notice,
            position,
        } = &event.input
        else {
            return Super;
        };
        *self = Self {
            id: id.clone(),
            subscription: subscription.clone(),
            owner: owner.clone(),
            channel: *channel,
            notice: notice.clone(),
            made: event.at,
            position: *position,
            ..Self::default()
        };
        if *channel == Channel::Stream {
            context.set_timer(DUE, after(event.at, PARK_S));
        }
        Transition(State::Pending)
    }

    #[state(superstate = "open")]
    fn pending(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        match (self.channel, &event.input) {
            (Channel::Webhook | Channel::Email, Input::Attempt) => {
                self.attempts += 1;
                context.set_timer(DUE, after(event.at, LEASE_S));
                Transition(State::Sending)
            }
            (Channel::Stream, Input::Acknowledge) => {
                context.clear_timer(DUE);
                self.has_it(context)
            }
            (Channel::Stream, Input::Due) => Transition(State::Parked),
            _ => Super,
        }
    }

    #[state(superstate = "open")]
    fn sending(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        match &event.input {
            Input::Failed {
                attempt,
                result,
                retry_after_s,
            } if *attempt == self.attempts => self.failed(result, *retry_after_s, context),
            Input::Refused { attempt, result } if *attempt == self.attempts => {
                self.last_result.clone_from(result);
                self.dies(context)
            }
            // It may have arrived: the subscriber knows doubles by the delivery's id.
            Input::Due => self.failed("the sender stopped", 0, context),
            _ => Super,
        }
    }

    #[state(superstate = "open")]
    fn waiting(until: &Timestamp, event: &Stimulus<Input>) -> Outcome<State> {
        match &event.input {
            Input::Due if event.at >= *until => Transition(State::Pending),
            _ => Super,
        }
    }

    #[state]
    fn delivered(event: &Stimulus<Input>) -> Outcome<State> {
        match &event.input {
            Input::Acknowledge => Handled,
            _ => Super,
        }
    }

    #[state]
    fn parked(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        match &event.input {
            Input::Acknowledge => self.has_it(context),
            _ => Super,
        }
    }

    #[state]
    fn suppressed(because: &String, context: &mut Cx<Fact>) -> Outcome<State> {
        context.refuse(Refusal::NOT_ALLOWED_NOW, because.clone())
    }

    #[state]
    fn dead(&mut self, event: &Stimulus<Input>) -> Outcome<State> {
        match &event.input {
            Input::Retry => {
                self.forgiven = self.attempts;
                Transition(State::Pending)
            }
            _ => Super,
        }
    }

    /// A word of success counts whenever it comes, even after the lease: the subscriber has it.
    #[superstate]
    fn open(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        match &event.input {
            Input::Succeeded { result } if self.attempts > 0 => {
                self.last_result.clone_from(result);
                context.clear_timer(DUE);
                self.has_it(context)
            }
            Input::Suppress { because } => {
                context.clear_timer(DUE);
                Transition(State::Suppressed {
                    because: because.clone(),
                })
            }
            _ => Super,
        }
    }
}

impl Machine for Delivery {
    const NAME: &'static str = "notification.delivery";
    const VERSION: u32 = 1;
    type State = State;
    type Input = Input;
    type Event = Fact;

    fn initial() -> State {
        State::New
    }

    fn dispatch(&mut self, state: &mut State, on: &Stimulus<Input>, cx: &mut Cx<Fact>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, state: &State) -> Waiting {
        match state {
            State::Pending if self.channel == Channel::Stream => Waiting::On {
                role: "subscriber",
                agency: self.owner.agency.clone(),
            },
            State::Pending => Waiting::Service("notification"),
            State::Sending | State::Waiting { .. } => Waiting::Timer(DUE),
            State::New | State::Delivered | State::Parked | State::Suppressed { .. } | State::Dead => Waiting::Final,
        }
    }
}
