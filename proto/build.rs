//! Generates the types and services from the `.proto` files, without protoc.

use std::{env, fs, path::PathBuf};

use prost::Message as _;

const FILES: [&str; 8] = [
    "log",
    "admin",
    "rehearsal",
    "directory",
    "intake",
    "approval",
    "council",
    "notification",
];

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells build scripts where to write by the environment"
)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=vinhdanh");
    let files: Vec<String> = FILES
        .iter()
        .map(|name| format!("vinhdanh/{name}/v1/{name}.proto"))
        .collect();
    let descriptors = protox::compile(&files, ["."])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    // Machines publish these messages as values, and digests are taken over their JSON.
    let mut builder = tonic_prost_build::configure().btree_map(".");
    for service in ["directory", "intake", "approval", "council", "notification"] {
        let package = format!(".vinhdanh.{service}.v1");
        builder = builder.type_attribute(&package, "#[derive(serde::Serialize, serde::Deserialize)]");
    }
    builder.compile_fds(descriptors)?;
    Ok(())
}
