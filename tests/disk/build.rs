//! Compiles the layer that `LD_PRELOAD` loads. Not as a dependency: its functions would take the C library's place in
//! this program too.

use std::{path::PathBuf, process::Command};

#[expect(clippy::disallowed_methods, reason = "how cargo talks to a build script")]
fn variable(name: &str) -> PathBuf {
    std::env::var_os(name)
        .unwrap_or_else(|| panic!("cargo sets {name}"))
        .into()
}

fn main() {
    println!("cargo::rerun-if-changed=layer/src");
    let status = Command::new(variable("RUSTC"))
        .args(["--edition=2024", "--crate-type=cdylib", "--crate-name=disk_layer"])
        .args(["-Copt-level=2", "-Cpanic=abort", "-Cstrip=symbols"])
        .arg("layer/src/lib.rs")
        .arg("-o")
        .arg(variable("OUT_DIR").join("libdisk_layer.so"))
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "the layer does not compile"
    );
}
