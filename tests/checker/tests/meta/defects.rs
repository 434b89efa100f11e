//! Planted defects, and the name under which each must be found: in what is [`kept`], in what is [`told`] to others, and
//! against the [`rules`] of the procedure.

mod kept;
mod rules;
mod told;

use host::grants::Input;
use machine::Actor;

use crate::crew::MONDAY;

/// After everything in the run.
const LATER: i64 = MONDAY + 30 * 86_400_000_000;
/// The delivery that waits in a stream.
const WAITING: &str = "SELECT id FROM delivery WHERE channel = 'stream'";
/// Takes away the answers to the requests that drafted dossiers.
pub const UNANSWER: &str = "DELETE FROM request WHERE request_id IN (SELECT request_id FROM history WHERE version = 1)";
/// An aggregate that nobody in the run uses.
const ELSEWHERE: &str = "truong-thcs-trung-vuong";

/// A step that may always be taken.
fn ended() -> Input {
    Input::Ended {
        mandate: "nothing".to_owned(),
    }
}

fn service(name: &str) -> Actor {
    Actor {
        id: name.to_owned(),
        role: "service".to_owned(),
        ..Actor::default()
    }
}
