//! A ballot's way: into the box, and out of it as a sum. `docs/ballots.md` says who could learn what on that way.

use host::{Fault, Unit};
use machine::Snapshot;
use proto::council::v1;
use sha2::{Digest as _, Sha256};

use crate::machine::{Choice, Review, ReviewInput, ReviewState, Session, Standing};

/// A box that secret choices go into and come out of as a sum only. A cryptographic one (choices sealed to the council,
/// opened together) would stand behind the same three calls.
pub(crate) trait BallotBox {
    /// Takes a choice in. `slip` is the voter's own secret, or empty; with `anew` it replaces the choice that was cast
    /// with the same slip. Refuses `UNKNOWN_SLIP`.
    fn cast(&self, unit: &mut Unit, review: &str, choice: Choice, slip: &str, anew: bool) -> Result<(), Fault>;

    /// The sum (for, against, neither) of the `cast` ballots that are in it. Any other number of them is an error: a box
    /// that was tampered with is not counted.
    fn open_as_sum(&self, unit: &mut Unit, review: &str, cast: usize) -> Result<[u32; 3], Fault>;

    /// Destroys it, opened or not.
    fn close(&self, unit: &mut Unit, review: &str);
}

/// Slips of one length under names that say nothing, in the journal's sealed rows. All of a box are written anew with
/// every ballot, in the order of their names: no row is younger than another, so that the box alone, at rest, does not
/// tell which slip came with which voter.
pub(crate) struct Slips;

/// The name of a slip: a digest, so that who reads the box does not learn the voter's secret.
fn name(review: &str, secret: &str) -> String {
    let digest = Sha256::new_with_prefix("vinhdanh.slip/1\0")
        .chain_update(review)
        .chain_update([0])
        .chain_update(secret)
        .finalize();
    hex::encode(&digest[..16])
}

fn letter(choice: Choice) -> u8 {
    match choice {
        Choice::Yes => b'y',
        Choice::No => b'n',
        Choice::Blank => b'b',
    }
}

impl BallotBox for Slips {
    fn cast(&self, unit: &mut Unit, review: &str, choice: Choice, slip: &str, anew: bool) -> Result<(), Fault> {
        let mut slips = unit.sealed::<Review>(review)?;
        let name = match slip {
            "" => name(review, &unit.fresh_id()),
            secret => name(review, secret),
        };
        let known = slips.iter().position(|(of, _)| *of == name);
        match (known, anew) {
            (Some(at), true) => slips[at].1 = vec![letter(choice)],
            (None, false) => slips.push((name, vec![letter(choice)])),
            _ => return Err(Fault::refused("UNKNOWN_SLIP", "")),
        }
        slips.sort();
        unit.destroy_box::<Review>(review);
        for (name, value) in slips {
            unit.seal::<Review>(review, &name, value);
        }
        Ok(())
    }

    fn open_as_sum(&self, unit: &mut Unit, review: &str, cast: usize) -> Result<[u32; 3], Fault> {
        let slips = unit.sealed::<Review>(review)?;
        if slips.len() != cast {
            let found = slips.len();
            return Err(Fault::Internal(format!(
                "the box of {review} holds {found} slips, {cast} members have voted"
            )));
        }
        let mut sum = [0; 3];
        for (_, slip) in &slips {
            let at = match slip.as_slice() {
                b"y" => 0,
                b"n" => 1,
                b"b" => 2,
                _ => {
                    return Err(Fault::Internal(format!(
                        "a slip in the box of {review} is not readable"
                    )));
                }
            };
            sum[at] += 1;
        }
        Ok(sum)
    }

    fn close(&self, unit: &mut Unit, review: &str) {
        unit.destroy_box::<Review>(review);
    }
}

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

/// The voter's secret of a request: long enough that nobody guesses it, or none.
pub(crate) fn slip(asked: &str) -> Result<(), Fault> {
    match asked.len() {
        0 | 16..=64 => Ok(()),
        _ => Err(Fault::field(
            "INVALID_REQUEST",
            "slip",
            "must be 16 to 64 random characters, or empty",
        )),
    }
}

/// One member's ballot on one review.
pub(crate) struct Ballot<'a> {
    /// In which session.
    pub(crate) session: &'a str,
    /// Whose.
    pub(crate) member: &'a str,
    /// What the session lets them do.
    pub(crate) standing: Standing,
    /// What it says.
    pub(crate) choice: Choice,
    /// The voter's own secret, or empty.
    pub(crate) slip: &'a str,
}

/// Casts a ballot; how many there are now.
pub(crate) fn cast(unit: &mut Unit, id: &str, review: &Review, ballot: &Ballot<'_>) -> Result<u32, Fault> {
    let secret = review.secret();
    let anew = review.round.ballots.contains_key(ballot.member);
    let input = ReviewInput::BallotCast {
        session: ballot.session.to_owned(),
        member: ballot.member.to_owned(),
        standing: ballot.standing,
        choice: (!secret).then_some(ballot.choice),
    };
    let after = unit.step::<Review>(id, input)?;
    if secret {
        Slips.cast(unit, id, ballot.choice, ballot.slip, anew)?;
    }
    Ok(after.data.round.ballots.len() as u32)
}

/// Ends the vote on a review: counts it, unless it is void, and destroys its box.
pub(crate) fn count(unit: &mut Unit, id: &str, at: &Snapshot<Review>, session: &Session) -> Result<(), Fault> {
    let begun = at.data.round.begun_at.unwrap_or(unit.now());
    let attending = session.attending_since(begun);
    let is_secret = at.state == ReviewState::Voting && at.data.secret();
    let [yes, no, blank] = if is_secret && at.data.is_countable(&attending) {
        Slips.open_as_sum(unit, id, at.data.round.ballots.len())?
    } else {
        [0; 3]
    };
    let tally = ReviewInput::Tally {
        members: session.members().count() as u32,
        attending,
        quorate: session.has_quorum(),
        yes,
        no,
        blank,
    };
    unit.step::<Review>(id, tally)?;
    if is_secret {
        Slips.close(unit, id);
    }
    Ok(())
}
