//! From one version of a machine to a later one: an input of its own, recorded like any other, and tried on a copy
//! first. What would be left without a place, without anybody to wait on, or without a way to an end is not moved.

use std::collections::{BTreeSet, HashSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::{
    Divergence, Machine, Recorded, Refusal, Snapshot, Stepped, Stimulus, Waiting, digest, replay::replayed,
    step::decide, step_under,
};

/// How many snapshots are looked at for an end, each way to one being a few acts long.
const LOOKED_AT_MAX: usize = 2_000;

/// The move of an aggregate to a later version of its machine. Its row of history, and all after it, are of that
/// version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename = "migrate")]
pub struct Migrate {
    /// The version to be decided by from now on.
    pub to: u32,
    /// Why, in the operator's words.
    pub reason: String,
}

/// Moves a copy of `from`, which is of version `version`.
pub fn migrate<M: Machine>(version: u32, from: &Snapshot<M>, on: &Stimulus<Migrate>) -> Result<Stepped<M>, Refusal> {
    migrate_last(version, from.clone(), on)
}

/// The same with a snapshot that nobody needs any more.
pub(crate) fn migrate_last<M: Machine>(
    version: u32,
    from: Snapshot<M>,
    on: &Stimulus<Migrate>,
) -> Result<Stepped<M>, Refusal> {
    decide(version, from, on, |next, on, cx| {
        if on.input.to <= version || on.input.to > M::VERSION {
            let detail = format!("from version {version} to {}, of {}", on.input.to, M::VERSION);
            cx.refuse::<()>(Refusal::NOT_ALLOWED_NOW, detail);
            return false;
        }
        let has_a_place = next.data.migrate(&mut next.state, on, cx);
        if !has_a_place {
            cx.refuse::<()>(Refusal::NO_PLACE_THERE, format!("version {}", on.input.to));
        }
        has_a_place
    })
}

/// What a move would come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prospect {
    /// Its version now.
    pub from: u32,
    /// Its state now.
    pub state: String,
    /// Whether it is at its end now.
    pub ended: bool,
    /// The state that it would come to, or what stands in the way.
    pub next: Result<String, Obstacle>,
}

/// Why an aggregate is not moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Its state has no place in the new version, or a rule of the move refuses.
    Refused(Refusal),
    /// In the new version it would wait on nobody.
    Unowned(String),
    /// In the new version no end was found; this many snapshots were looked at.
    NoEnd(usize),
}

impl Obstacle {
    /// Its stable reason.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.reason,
            Self::Unowned(_) => "UNOWNED_THERE",
            Self::NoEnd(_) => "NO_END_THERE",
        }
    }
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "{refusal}"),
            Self::Unowned(state) => write!(f, "it would be in state {state} and wait on nobody"),
            Self::NoEnd(looked_at) => write!(f, "no way to an end in {looked_at} snapshots from there"),
        }
    }
}

/// Tries a move on a history, whose aggregate has these timers set. What does not replay as it is recorded has no
/// prospect.
pub fn prospect<M: Machine>(
    rows: &[Recorded],
    timers: &BTreeSet<String>,
    on: &Stimulus<Migrate>,
) -> Result<Prospect, Divergence> {
    let (version, now) = replayed::<M>(rows)?;
    Ok(Prospect {
        from: version,
        state: now.state_name(),
        ended: now.waiting() == Waiting::Final,
        next: next(version, &now, timers, on),
    })
}

fn next<M: Machine>(
    version: u32,
    now: &Snapshot<M>,
    timers: &BTreeSet<String>,
    on: &Stimulus<Migrate>,
) -> Result<String, Obstacle> {
    let stepped = migrate(version, now, on).map_err(Obstacle::Refused)?;
    let state = stepped.next.state_name();
    let timers = stepped.timers(timers.clone());
    if stepped.next.is_unowned(&timers) {
        return Err(Obstacle::Unowned(state));
    }
    way_out(on.input.to, stepped.next)?;
    Ok(state)
}

/// Looks for an end from here, by what each snapshot says could be asked of it.
fn way_out<M: Machine>(version: u32, from: Snapshot<M>) -> Result<(), Obstacle> {
    let mut seen = HashSet::from([digest(&from)]);
    let mut queue = VecDeque::from([from]);
    let mut looked_at = 0;
    while let Some(at) = queue.pop_front().filter(|_| looked_at < LOOKED_AT_MAX) {
        looked_at += 1;
        if at.waiting() == Waiting::Final {
            return Ok(());
        }
        let asked = at.data.onward(&at.state);
        let taken = asked.iter().filter_map(|on| step_under(version, &at, on).ok());
        queue.extend(
            taken
                .map(|stepped| stepped.next)
                .filter(|next| seen.insert(digest(next))),
        );
    }
    Err(Obstacle::NoEnd(looked_at))
}
