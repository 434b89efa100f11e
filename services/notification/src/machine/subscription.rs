//! A subscription: made once, ended once; what it filters by never changes, so that anyone can say what it should
//! have been told.

use std::collections::BTreeMap;

use machine::{Cx, Machine, Stimulus, Waiting};
use serde::{Deserialize, Serialize};
use statig::prelude::*;

use super::{Channel, Owner};

/// What a subscription may filter by: each is an equality, all must hold, none at all takes everything.
pub const FILTERS: [&str; 9] = [
    "agency",
    "award",
    "basis",
    "candidate_agency",
    "deciding_agency",
    "dossier",
    "fact",
    "level",
    "submitting_agency",
];

/// What all states of a subscription share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Whose it is.
    pub owner: Owner,
    /// Equalities over [`FILTERS`].
    pub filter: BTreeMap<String, String>,
    /// How they are told.
    pub channel: Channel,
    /// Where: a webhook's URL, an e-mail address; else empty.
    pub endpoint: String,
}

/// States of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum State {
    /// Not there.
    New,
    /// It is told what its filter lets through.
    Active,
    /// No more.
    Ended,
}

/// Inputs of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum Input {
    /// Its owner wants to be told.
    Create(Subscription),
    /// Its owner has enough.
    Delete,
    /// The endpoint says that it is gone for good (HTTP 410).
    EndpointGone,
}

/// A subscription publishes nothing: it concerns its owner alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Nothing {}

#[state_machine(initial = "State::New", state(custom, name = "State"), superstate(derive(Debug)))]
impl Subscription {
    #[state]
    fn new(&mut self, event: &Stimulus<Input>, context: &mut Cx<Nothing>) -> Outcome<State> {
        let Input::Create(wanted) = &event.input else {
            return Super;
        };
        if let Some(unknown) = wanted.filter.keys().find(|key| !FILTERS.contains(&key.as_str())) {
            let known = FILTERS.join(", ");
            return context.refuse("UNKNOWN_FILTER", format!("{unknown} is none of {known}"));
        }
        match wanted.channel {
            Channel::Webhook if wanted.endpoint.is_empty() => {
                context.refuse("BAD_ENDPOINT", "a webhook needs an endpoint")
            }
            Channel::Email if wanted.endpoint.is_empty() => {
                context.refuse("BAD_ENDPOINT", "an e-mail needs an address")
            }
            Channel::Stream if !wanted.endpoint.is_empty() => {
                context.refuse("BAD_ENDPOINT", "a stream has no endpoint")
            }
            _ => {
                self.clone_from(wanted);
                Transition(State::Active)
            }
        }
    }

    #[state]
    fn active(&mut self, event: &Stimulus<Input>) -> Outcome<State> {
        match event.input {
            Input::Delete => Transition(State::Ended),
            Input::EndpointGone if self.channel == Channel::Webhook => Transition(State::Ended),
            _ => Super,
        }
    }

    #[state]
    fn ended() -> Outcome<State> {
        Super
    }
}

impl Machine for Subscription {
    const NAME: &'static str = "notification.subscription";
    const VERSION: u32 = 1;
    type State = State;
    type Input = Input;
    type Event = Nothing;

    fn initial() -> State {
        State::New
    }

    fn dispatch(&mut self, state: &mut State, on: &Stimulus<Input>, cx: &mut Cx<Nothing>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, _: &State) -> Waiting {
        Waiting::Final
    }
}
