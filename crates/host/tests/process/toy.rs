//! Two small machines and the service that runs either: files at a desk, and their tallies on a board.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bus::Envelope;
use host::{Aggregate, Engine, Fault, Kind, Published, Service, Unit};
use journal::{Key, Migration, Sql, Write};
use machine::{Cx, Machine, Snapshot, Stimulus, Timestamp, Waiting};
use serde::{Deserialize, Serialize};
use tonic::service::RoutesBuilder;

/// The only state of an open aggregate, or its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum State {
    Open,
    Closed,
}

/// What both machines publish: one number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    Added(u64),
}

/// A file at the desk: numbers, each published; and a reminder that rings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub numbers: Vec<u64>,
    pub rings: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum FileInput {
    Add { numbers: Vec<u64> },
    Remind { due: Timestamp },
    Ring,
    Close,
}

impl Machine for File {
    const NAME: &'static str = "desk.file";
    const VERSION: u32 = 1;
    type State = State;
    type Input = FileInput;
    type Event = Fact;

    fn initial() -> State {
        State::Open
    }

    // By hand: the host does not care how a machine dispatches.
    fn dispatch(&mut self, state: &mut State, on: &Stimulus<FileInput>, cx: &mut Cx<Fact>) -> bool {
        match (&state, &on.input) {
            (State::Open, FileInput::Add { numbers }) => {
                self.numbers.extend(numbers);
                for number in numbers {
                    cx.publish(Fact::Added(*number));
                }
            }
            (State::Open, FileInput::Remind { due }) => cx.set_timer("ring", *due),
            (State::Open, FileInput::Ring) => self.rings += 1,
            (State::Open, FileInput::Close) => *state = State::Closed,
            (State::Closed, _) => return false,
        }
        true
    }

    fn waiting(&self, _: &State) -> Waiting {
        Waiting::Final
    }
}

/// A file's tally on the board: the numbers in the order in which they came. It refuses what does not rise, as most
/// real states refuse a second time what made them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub numbers: Vec<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum TallyInput {
    Note { number: u64 },
}

impl Machine for Tally {
    const NAME: &'static str = "board.tally";
    const VERSION: u32 = 1;
    type State = State;
    type Input = TallyInput;
    type Event = Fact;

    fn initial() -> State {
        State::Open
    }

    fn dispatch(&mut self, _: &mut State, on: &Stimulus<TallyInput>, _: &mut Cx<Fact>) -> bool {
        let TallyInput::Note { number } = on.input;
        let rises = self.numbers.last().is_none_or(|last| number > *last);
        if rises {
            self.numbers.push(number);
        }
        rises
    }

    fn waiting(&self, _: &State) -> Waiting {
        Waiting::Final
    }
}

fn published(Fact::Added(number): &Fact) -> Published {
    Published {
        event_type: "file.added",
        agency: "toy".to_owned(),
        body: number.to_be_bytes().to_vec(),
    }
}

impl Aggregate for File {
    fn project(_: &str, _: u64, _: &Snapshot<Self>, _: Timestamp) -> Vec<Write> {
        Vec::new()
    }

    fn published(event: &Fact) -> Published {
        published(event)
    }
}

impl Aggregate for Tally {
    fn project(_: &str, _: u64, _: &Snapshot<Self>, _: Timestamp) -> Vec<Write> {
        Vec::new()
    }

    fn published(event: &Fact) -> Published {
        published(event)
    }
}

/// What ails the board: a number that it refuses, one that has to wait; 0 for none.
#[derive(Clone, Default)]
pub struct Ills {
    pub refused: Arc<AtomicU64>,
    pub waiting: Arc<AtomicU64>,
}

/// A toy service.
pub struct Toy {
    name: &'static str,
    producers: &'static [&'static str],
    ills: Ills,
}

impl Toy {
    /// The directory that every process has, empty; the desk; and the board, which consumes the desk.
    pub fn all(ills: &Ills) -> Vec<Arc<dyn Service>> {
        [("directory", [].as_slice()), ("desk", &[]), ("board", &["desk"])]
            .into_iter()
            .map(|(name, producers)| {
                let ills = ills.clone();
                Arc::new(Self { name, producers, ills }) as Arc<dyn Service>
            })
            .collect()
    }
}

fn file_id(event: &Envelope) -> &str {
    event.aggregate.split_once('/').map_or("", |(_, id)| id)
}

#[async_trait::async_trait]
impl Service for Toy {
    fn name(&self) -> &'static str {
        self.name
    }

    fn migrations(&self, _: bool) -> &'static [Migration] {
        &[]
    }

    fn statements(&self) -> Vec<Sql> {
        Vec::new()
    }

    fn kinds(&self) -> Vec<Kind> {
        vec![Kind::of::<File>(), Kind::of::<Tally>()]
    }

    fn producers(&self) -> &'static [&'static str] {
        self.producers
    }

    fn touches(&self, event: &Envelope) -> Vec<Key> {
        vec![Key::new(Tally::NAME, file_id(event))]
    }

    fn react(&self, event: &Envelope, unit: &mut Unit) -> Result<(), Fault> {
        let number = event
            .body
            .as_slice()
            .try_into()
            .map(u64::from_be_bytes)
            .map_err(|_| Fault::refused("INVALID_REQUEST", "a body is eight bytes"))?;
        if number == self.ills.waiting.load(Ordering::SeqCst) {
            return Err(Fault::Contended);
        }
        if number == self.ills.refused.load(Ordering::SeqCst) {
            return Err(Fault::refused("NOT_ALLOWED_NOW", format!("{number} is not taken")));
        }
        unit.step::<Tally>(file_id(event), TallyInput::Note { number })?;
        Ok(())
    }

    fn fire(&self, key: &Key, _: &str, unit: &mut Unit) -> Result<(), Fault> {
        unit.step::<File>(&key.id, FileInput::Ring)?;
        Ok(())
    }

    fn routes(&self, _: &Engine, _: &mut RoutesBuilder) {}
}
