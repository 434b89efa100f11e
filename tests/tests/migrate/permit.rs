//! A permit, and the service that keeps permits. Version 1 grants what is filed; a clerk may note something first, shelve
//! it or seal it. Version 2 has it reviewed before: a note counts as that, and what is shelved or sealed is no more.

use std::sync::Arc;

use access::Role;
use async_trait::async_trait;
use bus::Envelope;
use host::{Aggregate, Engine, Fault, Kind, Published, Service, Unit};
use journal::{Key, Migration, Sql, Write};
use machine::{Actor, Cx, Machine, Migrate, Snapshot, Stimulus, Timestamp, Waiting};
use serde::{Deserialize, Serialize};
use tonic::service::RoutesBuilder;

/// The machine of a program whose newest version is `V`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit<const V: u32> {
    pub notes: u32,
    /// Since version 2; what version 1 stored is digested without it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reviews: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks it")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum State {
    New,
    Filed,
    Noted,
    Shelved,
    Sealed,
    Reviewed,
    Granted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum Input {
    File,
    Note,
    Shelve,
    Seal,
    Review,
    Grant,
}

/// It publishes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Nothing {}

impl<const V: u32> Machine for Permit<V> {
    const NAME: &'static str = "approval.permit";
    const VERSION: u32 = V;
    type State = State;
    type Input = Input;
    type Event = Nothing;

    fn initial() -> State {
        State::New
    }

    // By hand: the host does not care how a machine dispatches.
    fn dispatch(&mut self, state: &mut State, on: &Stimulus<Input>, cx: &mut Cx<Nothing>) -> bool {
        let reviewed_first = cx.version() >= 2;
        *state = match (&state, on.input) {
            (State::New, Input::File) => State::Filed,
            (State::Filed, Input::Note) if !reviewed_first => {
                self.notes += 1;
                State::Noted
            }
            (State::Filed, Input::Shelve) if !reviewed_first => State::Shelved,
            (State::Filed, Input::Seal) if !reviewed_first => State::Sealed,
            (State::Filed, Input::Review) if reviewed_first => {
                self.reviews += 1;
                State::Reviewed
            }
            (State::Filed, Input::Grant) if reviewed_first => {
                cx.refuse::<State>("NOT_APPRAISED", "it is reviewed first");
                return false;
            }
            (State::Filed | State::Noted | State::Reviewed, Input::Grant) => State::Granted,
            (State::Shelved | State::Sealed, Input::Grant) if !reviewed_first => State::Granted,
            _ => return false,
        };
        true
    }

    fn waiting(&self, state: &State) -> Waiting {
        match state {
            State::New | State::Granted => Waiting::Final,
            _ => Waiting::On {
                role: "officer",
                agency: "toy".to_owned(),
            },
        }
    }

    fn migrate(&mut self, state: &mut State, _: &Stimulus<Migrate>, _: &mut Cx<Nothing>) -> bool {
        match state {
            State::Noted => {
                self.reviews = 1;
                *state = State::Reviewed;
            }
            // A careless map: nothing of version 2 leads out of a shelf.
            State::Filed | State::Shelved => {}
            State::New | State::Sealed | State::Reviewed | State::Granted => return false,
        }
        true
    }

    fn onward(&self, _: &State) -> Vec<Stimulus<Input>> {
        let by = Actor {
            id: "officer.toy".to_owned(),
            role: Role::Officer.as_str().to_owned(),
            agency: "toy".to_owned(),
            on_behalf: None,
        };
        let asked = [Input::Grant, Input::Review].into_iter();
        let on = asked.map(|input| Stimulus {
            input,
            by: by.clone(),
            at: Timestamp(0),
        });
        on.collect()
    }
}

impl<const V: u32> Aggregate for Permit<V> {
    fn project(_: &str, _: u64, _: &Snapshot<Self>, _: Timestamp) -> Vec<Write> {
        Vec::new()
    }

    fn published(event: &Nothing) -> Published {
        match *event {}
    }
}

/// A service of a program whose newest version is `V`.
struct Office<const V: u32>(&'static str);

/// The directory that every process has, empty; and the service with the permits.
pub fn offices<const V: u32>() -> Vec<Arc<dyn Service>> {
    vec![Arc::new(Office::<V>("directory")), Arc::new(Office::<V>("approval"))]
}

#[async_trait]
impl<const V: u32> Service for Office<V> {
    fn name(&self) -> &'static str {
        self.0
    }

    fn migrations(&self, _: bool) -> &'static [Migration] {
        &[]
    }

    fn statements(&self) -> Vec<Sql> {
        Vec::new()
    }

    fn kinds(&self) -> Vec<Kind> {
        vec![Kind::of::<Permit<V>>()]
    }

    fn producers(&self) -> &'static [&'static str] {
        &[]
    }

    fn touches(&self, _: &Envelope) -> Vec<Key> {
        Vec::new()
    }

    fn react(&self, _: &Envelope, _: &mut Unit) -> Result<(), Fault> {
        Ok(())
    }

    fn fire(&self, _: &Key, _: &str, _: &mut Unit) -> Result<(), Fault> {
        Ok(())
    }

    fn routes(&self, _: &Engine, _: &mut RoutesBuilder) {}
}
