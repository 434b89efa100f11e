//! The form in which histories are kept: a line a row, oldest first; the first row of a history is version 1.

use machine::{Actor, Recorded, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Machines that no rehearsal moves: days off, an agency's own awards, and bases of initiatives have tests of their own.
pub const NOT_REHEARSED: &[&str] = &["directory.days", "directory.local-award", "intake.base"];

#[derive(Serialize, Deserialize)]
struct Line {
    version: u64,
    machine_version: u32,
    at: Timestamp,
    by: Actor,
    state: String,
    outcome: String,
    input: Value,
}

/// Histories as text.
pub fn write(histories: &[Vec<Recorded>]) -> String {
    let lines = histories.iter().flatten().map(|row| {
        let line = Line {
            version: row.version,
            machine_version: row.machine_version,
            at: row.at,
            by: row.by.clone(),
            state: row.state.clone(),
            outcome: hex::encode(row.outcome),
            input: serde_json::from_slice(&row.input).expect("inputs are JSON"),
        };
        serde_json::to_string(&line).expect("it is JSON") + "\n"
    });
    lines.collect()
}

/// And back.
pub fn read(text: &str) -> Vec<Vec<Recorded>> {
    let mut histories: Vec<Vec<Recorded>> = Vec::new();
    for line in text.lines() {
        let line: Line = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let mut outcome = [0; 16];
        hex::decode_to_slice(&line.outcome, &mut outcome).expect("a digest");
        if line.version == 1 {
            histories.push(Vec::new());
        }
        histories
            .last_mut()
            .expect("a history begins with version 1")
            .push(Recorded {
                version: line.version,
                machine_version: line.machine_version,
                input: line.input.to_string().into_bytes(),
                by: line.by,
                at: line.at,
                outcome,
                state: line.state,
            });
    }
    histories
}
