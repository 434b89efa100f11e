//! Writes the sample lists: `cargo run -p sheet --example constructed -- tests/lists`.

use std::path::PathBuf;

#[path = "../tests/constructed/mod.rs"]
mod constructed;

fn main() -> std::io::Result<()> {
    let folder = std::env::args()
        .nth(1)
        .map_or_else(|| PathBuf::from("tests/lists"), PathBuf::from);
    for (name, bytes) in constructed::all() {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
