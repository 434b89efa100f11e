//! Replay: the same history through the same machine gives the same snapshots and effects, for ever.

use serde::{Deserialize, Serialize};

use crate::{Actor, Digest, Machine, Snapshot, Stimulus, Timestamp, advance, digest};

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
    /// Digest of the snapshot after it.
    pub state_digest: Digest,
    /// Digest of its effects.
    pub effects_digest: Digest,
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

/// Replays a whole history from nothing.
pub fn replay<M: Machine>(rows: &[Recorded]) -> Result<Snapshot<M>, Divergence> {
    let mut at = Snapshot::<M>::default();
    for row in rows {
        let diverged = |expected: String, found: String| Divergence {
            machine: M::NAME.to_owned(),
            version: row.version,
            machine_version: row.machine_version,
            expected,
            found,
        };
        if row.machine_version != M::VERSION {
            let found = format!("machine version {}, which cannot judge it", M::VERSION);
            return Err(diverged(format!("machine version {}", row.machine_version), found));
        }
        let input: M::Input = serde_json::from_slice(&row.input)
            .map_err(|e| diverged("a readable input".to_owned(), format!("an unreadable one: {e}")))?;
        let stimulus = Stimulus {
            input,
            by: row.by.clone(),
            at: row.at,
        };
        let stepped = advance(at, &stimulus).map_err(|refusal| {
            diverged(
                format!("acceptance into {}", row.state),
                format!("a refusal: {refusal}"),
            )
        })?;
        if digest(&stepped.next) != row.state_digest {
            let found = format!("state {} with other content", stepped.next.state_name());
            return Err(diverged(format!("state {}", row.state), found));
        }
        if digest(&stepped.effects) != row.effects_digest {
            return Err(diverged(
                "its recorded effects".to_owned(),
                format!("{:?}", stepped.effects),
            ));
        }
        at = stepped.next;
    }
    Ok(at)
}

/// A machine's replay with its type forgotten, for programs that go over all aggregates of a service.
#[derive(Clone, Copy)]
pub struct Replayer {
    /// The machine's name.
    pub machine: &'static str,
    /// Its version.
    pub version: u32,
    /// Replays a history; the stored form of the last snapshot.
    pub run: fn(&[Recorded]) -> Result<Vec<u8>, Divergence>,
}

impl Replayer {
    /// The replayer of a machine.
    pub const fn of<M: Machine>() -> Self {
        Self {
            machine: M::NAME,
            version: M::VERSION,
            run: |rows| replay::<M>(rows).map(|end| end.encode()),
        }
    }
}
