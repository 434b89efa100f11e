//! Lists the data files, so that a rule set comes in by its files alone.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

/// What cargo tells a build script.
#[expect(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts by the environment alone"
)]
fn told(name: &str) -> PathBuf {
    env::var(name).expect("cargo sets it").into()
}

fn main() -> io::Result<()> {
    let data = told("CARGO_MANIFEST_DIR").join("data");
    println!("cargo::rerun-if-changed={}", data.display());
    let mut files = Vec::new();
    collect(&data, &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file
            .strip_prefix(&data)
            .expect("it was found there")
            .to_string_lossy()
            .replace('\\', "/");
        writeln!(list, "    ({name:?}, include_str!({:?})),", file.display().to_string())
            .expect("writing to a string cannot fail");
    }
    list.push_str("]\n");
    fs::write(told("OUT_DIR").join("files.rs"), list)
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    Ok(())
}
