//! Machines with a planted change, and what the released histories say to each.

use approval::machine::{Numbering, NumberingInput, NumberingState};
use machine::{Cx, Machine, Replayer, Stimulus, Timestamp, Waiting};
use serde::{Deserialize, Serialize};

use crate::histories;

type Event = <Numbering as Machine>::Event;

macro_rules! changed {
    ($name:ident version $version:literal: |$numbers:ident, $on:ident, $cx:ident| $change:expr) => {
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(transparent)]
        struct $name(Numbering);

        impl Machine for $name {
            const NAME: &'static str = Numbering::NAME;
            const VERSION: u32 = $version;
            type State = NumberingState;
            type Input = NumberingInput;
            type Event = Event;

            fn initial() -> NumberingState {
                Numbering::initial()
            }

            fn dispatch(
                &mut self,
                state: &mut NumberingState,
                $on: &Stimulus<NumberingInput>,
                $cx: &mut Cx<Event>,
            ) -> bool {
                let taken = self.0.dispatch(state, $on, $cx);
                let $numbers = &mut self.0;
                $change;
                taken
            }

            fn waiting(&self, state: &NumberingState) -> Waiting {
                self.0.waiting(state)
            }
        }
    };
}

changed!(Hasty version 1: |numbers, on, _cx| if on.input == NumberingInput::Draw {
    numbers.last += 1;
});
changed!(Careful version 2: |numbers, on, cx| if on.input == NumberingInput::Draw && cx.version() >= 2 {
    numbers.last += 1;
});
changed!(Eager version 1: |_numbers, _on, cx| cx.set_timer("again", Timestamp(0)));
changed!(Strict version 1: |_numbers, on, cx| if on.input == NumberingInput::Draw {
    cx.refuse::<()>("NUMBER_REQUIRED", "");
});

/// What the first history that diverges says.
fn told<M: Machine>() -> Option<String> {
    let replayer = Replayer::of::<M>();
    let all = histories(M::NAME);
    all.iter()
        .find_map(|rows| (replayer.run)(rows).err())
        .map(|divergence| divergence.to_string())
}

#[test]
fn a_change_of_what_was_decided_is_found() {
    let state = told::<Hasty>().expect("another state");
    assert!(
        state.contains("history says state open, machine version 1 gives state open with other content"),
        "{state}"
    );
    let effects = told::<Eager>().expect("other effects");
    assert!(
        effects.contains("content or effects: [") && effects.contains("again"),
        "{effects}"
    );
    let refusal = told::<Strict>().expect("a refusal");
    assert!(
        refusal.contains("history says acceptance into open, machine version 1 gives a refusal"),
        "{refusal}"
    );
}

#[test]
fn the_same_change_as_a_version_of_its_own_breaks_nothing() {
    assert_eq!(told::<Numbering>(), None);
    assert_eq!(told::<Careful>(), None);
}
