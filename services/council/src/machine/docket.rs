//! Which councils a dossier meets on its way: where events about it find its reviews.

use law::CouncilRule;
use machine::{Cx, Machine, Stimulus, Waiting};
use proto::council::v1::Event;
use serde::{Deserialize, Serialize};

/// The councils of one dossier's way; the aggregate's id is the dossier.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Docket {
    /// Who is proposed (personal or unit number), or empty.
    pub candidate_person: String,
    /// In the order of the stations.
    pub seats: Vec<Seat>,
    /// Who appraises or decides at a station that holds no council.
    #[serde(default)]
    pub without: Vec<String>,
}

/// A station that holds a council.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Index of the station in the route.
    pub station: u32,
    /// Who receives and appraises there.
    pub appraiser: String,
    /// How its council votes.
    pub rule: CouncilRule,
}

/// Where a docket is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum DocketState {
    /// The dossier was never submitted.
    New,
    /// It was.
    Open,
}

/// What can be asked of a docket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum DocketInput {
    /// The dossier was submitted, for the first time or again.
    Open {
        /// Who is proposed, or empty.
        candidate_person: String,
        /// The councils of its route.
        seats: Vec<Seat>,
        /// Who appraises or decides at a station that holds no council.
        #[serde(default)]
        without: Vec<String>,
    },
}

impl Docket {
    /// The seat of a station, if it holds a council.
    pub fn at(&self, station: u32) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.station == station)
    }
}

impl Machine for Docket {
    const NAME: &'static str = "council.docket";
    const VERSION: u32 = 1;
    type State = DocketState;
    type Input = DocketInput;
    type Event = Event;

    fn initial() -> DocketState {
        DocketState::New
    }

    /// One input, taken in both states alike: there is no table for statig to hold.
    fn dispatch(&mut self, state: &mut DocketState, on: &Stimulus<DocketInput>, _cx: &mut Cx<Event>) -> bool {
        let DocketInput::Open {
            candidate_person,
            seats,
            without,
        } = &on.input;
        self.candidate_person.clone_from(candidate_person);
        self.seats.clone_from(seats);
        self.without.clone_from(without);
        *state = DocketState::Open;
        true
    }

    /// A docket only remembers; what waits are its reviews.
    fn waiting(&self, _state: &DocketState) -> Waiting {
        Waiting::Final
    }
}
