//! The numbers of an agency's decisions in one year, drawn one after the other in the commit that uses them: what is not
//! decided draws none, so there are no gaps but those that are said here.

use machine::{Cx, Machine, Stimulus, Waiting};
use proto::approval::v1::Event;
use serde::{Deserialize, Serialize};

/// The numbers of one agency and year; the aggregate's id is `<agency>/<year>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbering {
    /// The last one that was drawn or skipped.
    pub last: u32,
    /// Those that were not drawn, since a decision had been given them by hand.
    pub skipped: Vec<u32>,
}

/// Where a numbering is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum NumberingState {
    /// Numbers can be drawn.
    Open,
}

/// What can be asked of a numbering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum NumberingInput {
    /// Draws the next one.
    Draw,
    /// The next one was given by hand.
    Skip {
        /// Which.
        number: u32,
    },
}

impl Machine for Numbering {
    const NAME: &'static str = "approval.numbering";
    const VERSION: u32 = 1;
    type State = NumberingState;
    type Input = NumberingInput;
    type Event = Event;

    fn initial() -> NumberingState {
        NumberingState::Open
    }

    /// One state: there is no table for statig to hold.
    fn dispatch(&mut self, _: &mut NumberingState, on: &Stimulus<NumberingInput>, cx: &mut Cx<Event>) -> bool {
        match &on.input {
            NumberingInput::Draw => self.last += 1,
            NumberingInput::Skip { number } if *number == self.last + 1 => {
                self.last = *number;
                self.skipped.push(*number);
            }
            // Another process skipped it already.
            NumberingInput::Skip { .. } => {
                cx.refuse::<NumberingState>("NOT_ALLOWED_NOW", "");
            }
        }
        true
    }

    fn waiting(&self, _: &NumberingState) -> Waiting {
        Waiting::Final
    }
}
