//! One step: the only way in which a snapshot changes.

use std::{collections::BTreeSet, fmt::Debug};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use statig::Outcome;
use statig::blocking::{IntoStateMachine, State, StateExt, Superstate};

use crate::Migrate;

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Who acts. A timer, or another service's event, acts as a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// A stable id of the person or service.
    pub id: String,
    /// The role acted in.
    pub role: String,
    /// The agency acted for.
    pub agency: String,
    /// For whom, where it is done under a mandate: both names stand in the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf: Option<OnBehalf>,
}

/// In whose place somebody acts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnBehalf {
    /// A stable id of the one who gave the mandate.
    pub id: String,
    /// The role that they gave it in.
    pub role: String,
    /// The mandate's id.
    pub mandate: String,
}

/// An input with its circumstances: all that a machine may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stimulus<I> {
    /// What is asked.
    pub input: I,
    /// Who asks.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// What a step asks the shell to do, as values.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect<E> {
    /// Tell everyone.
    Publish(E),
    /// Call back with the timer's name at `due`; setting replaces.
    SetTimer {
        /// The timer's name within the aggregate.
        name: String,
        /// When.
        due: Timestamp,
    },
    /// Forget the timer.
    ClearTimer {
        /// The timer's name within the aggregate.
        name: String,
    },
    /// Hold a key that no other aggregate may hold.
    Claim(String),
    /// Give the key back.
    Release(String),
}

/// Why an input was not taken: names state, input and a stable reason. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The machine.
    pub machine: &'static str,
    /// The state that refused.
    pub state: String,
    /// The input refused.
    pub input: String,
    /// Stable, `UPPER_SNAKE`; [`Refusal::NOT_ALLOWED_NOW`] if no rule gave one.
    pub reason: &'static str,
    /// What a person needs to know to go on, without personal data.
    pub detail: String,
}

impl Refusal {
    /// No state takes this input now.
    pub const NOT_ALLOWED_NOW: &'static str = "NOT_ALLOWED_NOW";
    /// The state has no place in the version that it was to be moved to.
    pub const NO_PLACE_THERE: &'static str = "NO_PLACE_THERE";
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} refuses {} in state {}: {}",
            self.machine, self.input, self.state, self.reason
        )?;
        if self.detail.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", self.detail)
        }
    }
}

impl std::error::Error for Refusal {}

/// A handler's way out: effects, and the reason if a rule refuses.
#[derive(Debug)]
pub struct Cx<E> {
    version: u32,
    at: Timestamp,
    effects: Vec<Effect<E>>,
    refused: Option<(&'static str, String)>,
}

impl<E> Cx<E> {
    fn new(version: u32, at: Timestamp) -> Self {
        Self {
            version,
            at,
            effects: Vec::new(),
            refused: None,
        }
    }

    /// The version of the rules that the aggregate was begun under, or moved to: `if context.version() >= 2`.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// When the stimulus happened.
    pub fn now(&self) -> Timestamp {
        self.at
    }

    /// Publishes an event.
    pub fn publish(&mut self, event: E) {
        self.effects.push(Effect::Publish(event));
    }

    /// Sets a timer.
    pub fn set_timer(&mut self, name: impl Into<String>, due: Timestamp) {
        self.effects.push(Effect::SetTimer { name: name.into(), due });
    }

    /// Clears a timer.
    pub fn clear_timer(&mut self, name: impl Into<String>) {
        self.effects.push(Effect::ClearTimer { name: name.into() });
    }

    /// Claims a unique key.
    pub fn claim(&mut self, key: impl Into<String>) {
        self.effects.push(Effect::Claim(key.into()));
    }

    /// Releases a unique key.
    pub fn release(&mut self, key: impl Into<String>) {
        self.effects.push(Effect::Release(key.into()));
    }

    /// Refuses the input, whatever a superstate would say: the first reason counts.
    pub fn refuse<S>(&mut self, reason: &'static str, detail: impl Into<String>) -> Outcome<S> {
        if self.refused.is_none() {
            self.refused = Some((reason, detail.into()));
        }
        Outcome::Super
    }
}

/// On whom or on what a snapshot waits. Every snapshot that is not final names one: nothing can be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// On nobody: the end, or a resting place from which only a new act of somebody's own will leads on.
    Final,
    /// On a role at an agency.
    On {
        /// The role.
        role: &'static str,
        /// The agency's code.
        agency: String,
    },
    /// On the timer of this name.
    Timer(&'static str),
    /// On an event of another service, which pulls and re-reads until it comes.
    Service(&'static str),
}

/// A machine: the data that all its states share (`Self`), its states, inputs and events.
pub trait Machine: Clone + PartialEq + Debug + Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name, e.g. `approval.course`; the kind of its aggregates.
    const NAME: &'static str;
    /// Raised with every change of what any stored history would do. All older ones live on in the same handlers, which
    /// ask [`Cx::version`]: what was begun under one is decided by it until it is moved.
    const VERSION: u32;
    /// The leaf states.
    type State: Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What can be asked of it.
    type Input: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What it publishes.
    type Event: Clone + PartialEq + Debug + Serialize + Send + Sync + 'static;

    /// The state of an aggregate that does not exist yet.
    fn initial() -> Self::State;

    /// Lets statig dispatch one stimulus; returns whether any state took it. Always `machine::drive(self, …)`.
    fn dispatch(&mut self, state: &mut Self::State, on: &Stimulus<Self::Input>, cx: &mut Cx<Self::Event>) -> bool;

    /// On whom this snapshot waits.
    fn waiting(&self, state: &Self::State) -> Waiting;

    /// Takes a snapshot of version [`Cx::version`] to a later one: the map of states. Returns whether this one has a
    /// place there; none has, until somebody writes the map.
    fn migrate(&mut self, _state: &mut Self::State, _on: &Stimulus<Migrate>, _cx: &mut Cx<Self::Event>) -> bool {
        false
    }

    /// What could be asked of this snapshot next, by those on whom it waits. Written with [`Self::migrate`]: what is to
    /// be moved has to come to an end by these first.
    fn onward(&self, _state: &Self::State) -> Vec<Stimulus<Self::Input>> {
        Vec::new()
    }
}

/// All that is known of an aggregate at one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Snapshot<M: Machine> {
    /// The leaf state.
    pub state: M::State,
    /// The shared data.
    pub data: M,
}

impl<M: Machine> Default for Snapshot<M> {
    fn default() -> Self {
        Self {
            state: M::initial(),
            data: M::default(),
        }
    }
}

impl<M: Machine> Snapshot<M> {
    /// The state's name.
    pub fn state_name(&self) -> String {
        variant_name(&self.state)
    }

    /// On whom it waits.
    pub fn waiting(&self) -> Waiting {
        self.data.waiting(&self.state)
    }

    /// Whether it waits on nobody who would know, these timers being set: it could be forgotten.
    pub fn is_unowned(&self, timers: &BTreeSet<String>) -> bool {
        match self.waiting() {
            Waiting::Timer(name) => !timers.contains(name),
            Waiting::On { agency, .. } => agency.is_empty(),
            Waiting::Final | Waiting::Service(_) => false,
        }
    }

    /// The stored form.
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("snapshots have string keys only")
    }

    /// Reads the stored form.
    pub fn decode(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}

/// What an accepted stimulus led to.
#[derive(Clone, Debug, PartialEq)]
pub struct Stepped<M: Machine> {
    /// The new snapshot.
    pub next: Snapshot<M>,
    /// What is to be done, in order.
    pub effects: Vec<Effect<M::Event>>,
}

impl<M: Machine> Stepped<M> {
    /// The timers that are set after it, of those that were before.
    pub fn timers(&self, mut set: BTreeSet<String>) -> BTreeSet<String> {
        for effect in &self.effects {
            match effect {
                Effect::SetTimer { name, .. } => _ = set.insert(name.clone()),
                Effect::ClearTimer { name } => _ = set.remove(name),
                _ => {}
            }
        }
        set
    }
}

/// Steps a copy of `from` under the newest version: a refused stimulus changes nothing, and none is ever dropped.
pub fn step<M: Machine>(from: &Snapshot<M>, on: &Stimulus<M::Input>) -> Result<Stepped<M>, Refusal> {
    step_under(M::VERSION, from, on)
}

/// The same under the version that the aggregate is pinned to.
pub fn step_under<M: Machine>(
    version: u32,
    from: &Snapshot<M>,
    on: &Stimulus<M::Input>,
) -> Result<Stepped<M>, Refusal> {
    advance_under(version, from.clone(), on)
}

/// Steps a snapshot that nobody needs any more, accepted or refused: what replay does, without the copies.
pub fn advance<M: Machine>(next: Snapshot<M>, on: &Stimulus<M::Input>) -> Result<Stepped<M>, Refusal> {
    advance_under(M::VERSION, next, on)
}

/// The same under the version that the aggregate is pinned to.
pub fn advance_under<M: Machine>(
    version: u32,
    next: Snapshot<M>,
    on: &Stimulus<M::Input>,
) -> Result<Stepped<M>, Refusal> {
    decide(version, next, on, |next, on, cx| {
        next.data.dispatch(&mut next.state, on, cx)
    })
}

/// Lets the machine decide, whatever it is asked.
pub(crate) fn decide<M: Machine, I: Serialize>(
    version: u32,
    mut next: Snapshot<M>,
    on: &Stimulus<I>,
    take: impl FnOnce(&mut Snapshot<M>, &Stimulus<I>, &mut Cx<M::Event>) -> bool,
) -> Result<Stepped<M>, Refusal> {
    // A superstate may have moved on what a state had refused.
    let before = next.state.clone();
    let mut cx = Cx::new(version, on.at);
    let taken = take(&mut next, on, &mut cx);
    match (taken, cx.refused) {
        (true, None) => Ok(Stepped {
            next,
            effects: cx.effects,
        }),
        (_, refused) => {
            let (reason, detail) = refused.unwrap_or((Refusal::NOT_ALLOWED_NOW, String::new()));
            let (state, input) = (variant_name(&before), variant_name(&on.input));
            Err(Refusal {
                machine: M::NAME,
                state,
                input,
                reason,
                detail,
            })
        }
    }
}

/// Dispatches through statig's `StateExt` and moves; returns whether any state or superstate took the event.
///
/// statig's own `StateMachine` is not used: it drops events that no state takes, and runs entry actions on load.
pub fn drive<M>(storage: &mut M, state: &mut M::State, event: &M::Event<'_>, cx: &mut M::Context<'_>) -> bool
where
    M: IntoStateMachine,
    M::State: State<M> + 'static,
    for<'s> M::Superstate<'s>: Superstate<M>,
{
    match StateExt::<M>::handle(state, storage, event, cx) {
        Outcome::Super => false,
        Outcome::Handled => true,
        Outcome::Transition(mut target) => {
            let (up, down) = state.transition_path(&mut target);
            state.exit(storage, cx, up);
            std::mem::swap(state, &mut target);
            state.enter(storage, cx, down);
            true
        }
    }
}

/// The name of an enum's variant, as serde writes it: the tag, the only key, or the text.
pub fn variant_name<T: Serialize>(value: &T) -> String {
    use serde_json::Value;
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name,
        Ok(Value::Object(fields)) => match fields.get("s").or_else(|| fields.get("input")) {
            Some(Value::String(name)) => name.clone(),
            _ => fields.keys().next().cloned().unwrap_or_default(),
        },
        _ => String::new(),
    }
}
