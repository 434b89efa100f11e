//! A ballot's way: into the sealed box, and out of it as a count.
//!
//! Slips lie in the box under random names, so that not even the box links a member to a choice; who has voted is the
//! review's matter alone. All slips are of one length. Nothing here writes a choice to a log, an error or an event.

use host::{Fault, Unit};
use machine::Snapshot;
use proto::council::v1;

use crate::machine::{Choice, Review, ReviewInput, ReviewState};

/// The choice of a request.
pub(crate) fn choice(asked: i32) -> Result<Choice, Fault> {
    match v1::Choice::try_from(asked) {
        Ok(v1::Choice::Yes) => Ok(Choice::Yes),
        Ok(v1::Choice::No) => Ok(Choice::No),
        Ok(v1::Choice::Blank) => Ok(Choice::Blank),
        Ok(v1::Choice::Unspecified) | Err(_) => Err(Fault::field(
            "INVALID_REQUEST",
            "choice",
            "must be CHOICE_YES, CHOICE_NO or CHOICE_BLANK",
        )),
    }
}

fn slip(choice: Choice) -> Vec<u8> {
    vec![match choice {
        Choice::Yes => b'y',
        Choice::No => b'n',
        Choice::Blank => b'b',
    }]
}

/// Casts a ballot; how many there are now.
pub(crate) fn cast(
    unit: &mut Unit,
    id: &str,
    review: &Review,
    session: &str,
    member: &str,
    choice: Choice,
) -> Result<u32, Fault> {
    let secret = review.secret();
    let input = ReviewInput::BallotCast {
        session: session.to_owned(),
        member: member.to_owned(),
        choice: (!secret).then_some(choice),
    };
    let after = unit.step::<Review>(id, input)?;
    if secret {
        let name = unit.fresh_id();
        unit.seal::<Review>(id, &name, slip(choice));
    }
    Ok(after.data.round.ballots.len() as u32)
}

/// Opens the box of a review: the tally of its slips. As many as members have voted, or the count is refused. A void
/// vote stays unopened.
pub(crate) fn count(unit: &mut Unit, id: &str, review: &Snapshot<Review>) -> Result<ReviewInput, Fault> {
    let (mut yes, mut no, mut blank) = (0, 0, 0);
    if review.state == ReviewState::Voting && review.data.secret() && review.data.is_countable() {
        let slips = unit.sealed::<Review>(id)?;
        for (_, slip) in &slips {
            match slip.as_slice() {
                b"y" => yes += 1,
                b"n" => no += 1,
                b"b" => blank += 1,
                _ => return Err(Fault::Internal(format!("a slip in the box of {id} is not readable"))),
            }
        }
        let cast = review.data.round.ballots.len();
        if slips.len() != cast {
            let found = slips.len();
            return Err(Fault::Internal(format!(
                "the box of {id} holds {found} slips, {cast} members have voted"
            )));
        }
    }
    Ok(ReviewInput::Tally { yes, no, blank })
}
