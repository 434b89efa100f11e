//! The list of all messages, from the `.proto` files: one that is added is fuzzed without anybody thinking of it.

use std::{env, fmt::Write as _, fs, path::PathBuf};

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells build scripts where to write by the environment"
)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let protos = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../proto/vinhdanh");
    println!("cargo:rerun-if-changed={}", protos.display());
    let mut list = String::from("&[\n");
    let mut packages: Vec<_> = fs::read_dir(&protos)?.collect::<Result<_, _>>()?;
    packages.sort_by_key(fs::DirEntry::file_name);
    for package in packages {
        let name = package.file_name().into_string().map_err(|_| "a package's name")?;
        let text = fs::read_to_string(package.path().join(format!("v1/{name}.proto")))?;
        for message in text.lines().filter_map(|line| line.strip_prefix("message ")) {
            let message = message.split([' ', '{']).next().unwrap_or_default();
            writeln!(
                list,
                "(\"vinhdanh.{name}.v1.{message}\", round_trip::<proto::{name}::v1::{message}>),"
            )?;
        }
    }
    list.push(']');
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("messages.rs"), list)?;
    Ok(())
}
