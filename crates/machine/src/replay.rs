//! Replay: the same history through the same machine gives the same snapshots and effects, for ever.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Actor, Machine, Migrate, Outcome, Prospect, Refusal, Snapshot, Stepped, Stimulus, Timestamp,
    migrate::{migrate_last, prospect},
    outcome,
    step::advance_under,
};

/// A row of history, as replay needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// 1 for the first accepted input.
    pub version: u64,
    /// The machine version that accepted it.
    pub machine_version: u32,
    /// The input's JSON.
    pub input: Vec<u8>,
    /// Who acted.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The state's name after it.
    pub state: String,
    /// Digest of the snapshot after it and of its effects.
    pub outcome: Outcome,
}

/// Where replay came out elsewhere than history: for a person to read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{machine}: step {version} diverges: history says {expected}, machine version {machine_version} gives {found}")]
pub struct Divergence {
    /// The machine.
    pub machine: String,
    /// Which step.
    pub version: u64,
    /// The machine version of the record.
    pub machine_version: u32,
    /// What history recorded.
    pub expected: String,
    /// What the machine gave.
    pub found: String,
}

/// Replays a whole history from nothing, each row under the version that it was recorded with.
pub fn replay<M: Machine>(rows: &[Recorded]) -> Result<Snapshot<M>, Divergence> {
    replayed(rows).map(|(_, end)| end)
}

/// The same, with the version that the aggregate is pinned to at its end.
pub(crate) fn replayed<M: Machine>(rows: &[Recorded]) -> Result<(u32, Snapshot<M>), Divergence> {
    let mut at = Snapshot::<M>::default();
    let mut version = rows.first().map_or(M::VERSION, |first| first.machine_version);
    for row in rows {
        let diverged = |expected: String, found: String| Divergence {
            machine: M::NAME.to_owned(),
            version: row.version,
            machine_version: row.machine_version,
            expected,
            found,
        };
        let by = (row.by.clone(), row.at);
        let stepped = retake(version, at, row.machine_version, &row.input, by).map_err(|why| match why {
            Untaken::Unknown => diverged(
                format!("machine version {}", row.machine_version),
                format!("machine version {}, which cannot judge it", M::VERSION),
            ),
            Untaken::Unreadable(error) => {
                diverged("a readable input".to_owned(), format!("an unreadable one: {error}"))
            }
            Untaken::Refused(refusal) => diverged(
                format!("acceptance into {}", row.state),
                format!("a refusal: {refusal}"),
            ),
        })?;
        if outcome(&stepped) != row.outcome {
            let state = stepped.next.state_name();
            let found = if state == row.state {
                format!("state {state} with other content or effects: {:?}", stepped.effects)
            } else {
                format!("state {state}")
            };
            return Err(diverged(format!("state {}", row.state), found));
        }
        version = row.machine_version;
        at = stepped.next;
    }
    Ok((version, at))
}

/// Why a recorded row is not taken again.
#[derive(Clone, Debug)]
pub enum Untaken {
    /// Its version is not one of this machine's, or not one that can follow the one before.
    Unknown,
    /// Its input is not one of this machine's.
    Unreadable(String),
    /// It is refused now.
    Refused(Refusal),
}

/// Takes a recorded input again, after `at`, which is of version `before`. One of a later version than that is the move
/// there.
pub fn retake<M: Machine>(
    before: u32,
    at: Snapshot<M>,
    machine_version: u32,
    input: &[u8],
    (by, when): (Actor, Timestamp),
) -> Result<Stepped<M>, Untaken> {
    if machine_version == 0 || machine_version > M::VERSION || machine_version < before {
        return Err(Untaken::Unknown);
    }
    if machine_version == before {
        let on = stimulus(input, by, when)?;
        return advance_under(before, at, &on).map_err(Untaken::Refused);
    }
    let on: Stimulus<Migrate> = stimulus(input, by, when)?;
    if on.input.to != machine_version {
        return Err(Untaken::Unknown);
    }
    migrate_last(before, at, &on).map_err(Untaken::Refused)
}

fn stimulus<I: DeserializeOwned>(input: &[u8], by: Actor, at: Timestamp) -> Result<Stimulus<I>, Untaken> {
    let input = serde_json::from_slice(input).map_err(|error| Untaken::Unreadable(error.to_string()))?;
    Ok(Stimulus { input, by, at })
}

/// Tries a move: see [`prospect`].
pub type Try = fn(&[Recorded], &BTreeSet<String>, &Stimulus<Migrate>) -> Result<Prospect, Divergence>;

/// A machine's replay with its type forgotten, for programs that go over all aggregates of a service.
#[derive(Clone, Copy)]
pub struct Replayer {
    /// The machine's name.
    pub machine: &'static str,
    /// Its newest version; it judges all older ones too.
    pub version: u32,
    /// Replays a history; the stored form of the last snapshot.
    pub run: fn(&[Recorded]) -> Result<Vec<u8>, Divergence>,
    /// Tries a move to another version on a history whose aggregate has these timers set.
    pub prospect: Try,
}

impl Replayer {
    /// The replayer of a machine.
    pub const fn of<M: Machine>() -> Self {
        Self {
            machine: M::NAME,
            version: M::VERSION,
            run: |rows| replay::<M>(rows).map(|end| end.encode()),
            prospect: prospect::<M>,
        }
    }
}
