//! Makes a dictionary for `journal::packed` from stores with dossiers in them, and says what it would bring:
//!
//! ```text
//! cargo run --release -p journal --example dictionary -- 2.dictionary data/*.db
//! ```
//!
//! Take stores of many kinds of dossiers: what is in no sample is not in the dictionary. It holds what many messages
//! share, so nothing that only one of them says; still, take made-up ones.

use std::{collections::BTreeMap, error::Error};

use journal::packed::{unpack, unpack_pair};
use rusqlite::{Connection, OpenFlags};

/// Larger ones gain little and stay in memory.
const SIZE: usize = 64 << 10;
const LEVEL: i32 = 3;
/// Messages of one kind that teach, so that no kind drowns the others.
const OF_A_KIND: usize = 600;

/// What is packed, and what kind of message it is.
const COLUMNS: [&str; 4] = [
    "SELECT 'input ' || a.kind || ' ' || h.state, h.content FROM history h JOIN aggregate a ON a.number = h.number",
    "SELECT 'snapshot ' || kind, snapshot FROM aggregate",
    "SELECT 'answer ', answer FROM request",
    "SELECT 'event ' || type, body FROM event",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let target = arguments.next().ok_or("say where the dictionary is to be written")?;
    let mut messages: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for store in arguments {
        let store = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        for sql in COLUMNS {
            let mut statement = store.prepare(sql)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get_ref(1)?.as_bytes()?.to_vec())))?;
            for row in rows {
                let (mut kind, packed): (String, Vec<u8>) = row?;
                if kind == "answer " {
                    kind += &unpack_pair(&packed)?.0;
                }
                messages.entry(kind).or_default().push(unpack(&packed)?);
            }
        }
    }
    let samples: Vec<&[u8]> = messages.values().flat_map(|of| evenly(of)).collect();
    let dictionary = zstd::dict::from_samples(&samples, SIZE)?;
    std::fs::write(&target, &dictionary)?;
    let mut compressor = zstd::bulk::Compressor::with_dictionary(LEVEL, &dictionary)?;
    for (kind, messages) in &messages {
        let (mut before, mut after) = (0, 0);
        for message in messages {
            before += message.len();
            after += compressor.compress(message)?.len();
        }
        println!(
            "{kind:60} {:7} × {:6} → {:5} bytes",
            messages.len(),
            before / messages.len(),
            after / messages.len()
        );
    }
    Ok(())
}

/// So many of them, from all over.
fn evenly(messages: &[Vec<u8>]) -> impl Iterator<Item = &[u8]> {
    let step = messages.len().div_ceil(OF_A_KIND).max(1);
    messages.iter().step_by(step).map(Vec::as_slice)
}
