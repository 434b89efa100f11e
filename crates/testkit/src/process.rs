//! A server process in a folder of its own, neither of which outlives the test process.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// `nobody`: what root becomes for a server that refuses to run as root.
pub(crate) const NOBODY: u32 = 65_534;

const START_TIME_MAX: Duration = Duration::from_mins(1);
const STOP_TIME_MAX: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Reads the pid of the server that runs now (empty: none), line by line, for as long as the test process lives. Then
/// ends the last one and removes the folder. A pipe, since its end is seen however the test process dies; the other
/// way, `PR_SET_PDEATHSIG`, watches the starting thread, and every test is a thread.
const WARDEN: &str = r#"
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
    kill -"$1" "$pid"
    tries=0
    while kill -0 "$pid" && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
    kill -KILL "$pid"
fi
rm -rf "$2" || { sleep 1; rm -rf "$2"; }
"#;

/// A folder, and the server that runs in it or does not at the moment.
#[derive(Debug)]
pub(crate) struct Process {
    folder: PathBuf,
    end_signal: &'static str,
    warden: Mutex<Warden>,
}

#[derive(Debug)]
struct Warden {
    shell: Child,
    pipe: Option<ChildStdin>,
    server: Option<Child>,
}

impl Process {
    /// A new folder for `name`, owned by `owner` if given. `end_signal` ends the server when it is no longer wanted.
    pub(crate) fn new(name: &str, end_signal: &'static str, owner: Option<u32>) -> Result<Self, String> {
        let folder = loop {
            let folder = std::env::temp_dir().join(format!("vinhdanh-{}-{}", std::process::id(), super::unique(name)));
            match fs::DirBuilder::new().mode(0o700).create(&folder) {
                Ok(()) => break folder,
                // Left by an earlier process with the same id.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(format!("cannot create {}: {error}", folder.display())),
            }
        };
        chown(&folder, owner, owner).map_err(|error| format!("cannot give away {}: {error}", folder.display()))?;
        let mut shell = Command::new("sh")
            .args(["-c", WARDEN, "sh", end_signal])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("cannot start sh: {error}"))?;
        let warden = Warden {
            pipe: shell.stdin.take(),
            shell,
            server: None,
        };
        Ok(Self {
            folder,
            end_signal,
            warden: Mutex::new(warden),
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn warden(&self) -> MutexGuard<'_, Warden> {
        self.warden.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the server and returns once `ready`. The error holds the end of what the server said.
    #[expect(clippy::disallowed_methods, reason = "bounds a wait")]
    pub(crate) fn start(&self, mut command: Command, ready: impl Fn() -> bool) -> Result<(), String> {
        let mut warden = self.warden();
        assert!(warden.server.is_none(), "{} already runs", self.folder.display());
        let log = self.folder.join("server.log");
        let told = || {
            let log = fs::read(&log).unwrap_or_default();
            String::from_utf8_lossy(&log[log.len().saturating_sub(2_000)..]).into_owned()
        };
        // A new file: sessions of a server that was killed may still write to the old one.
        let _ = fs::remove_file(&log);
        let output = File::create(&log).and_then(|file| Ok((file.try_clone()?, file)));
        let (out, err) = output.map_err(|error| format!("cannot write {}: {error}", log.display()))?;
        // A process group of its own: Ctrl-C on the test run is the warden's to handle.
        let command = command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
        let server = command.spawn().map_err(|error| {
            format!(
                "cannot start {}: {error} (must user nobody be able to read it?)",
                command.get_program().display()
            )
        })?;
        warden.adopt(server);

        let deadline = Instant::now() + START_TIME_MAX;
        loop {
            if let Some(status) = warden.exit_status() {
                warden.forget();
                return Err(format!("server ended at start, {status}:\n{}", told()));
            }
            if ready() {
                return Ok(());
            }
            if Instant::now() > deadline {
                warden.end("KILL");
                return Err(format!(
                    "server not ready after {} s:\n{}",
                    START_TIME_MAX.as_secs(),
                    told()
                ));
            }
            std::thread::sleep(POLL_INTERVAL);
        }
    }

    /// Sends `signal` to the server, if it runs.
    pub(crate) fn signal(&self, signal: &str) {
        self.warden().signal(signal);
    }

    /// Ends the server with `signal` and returns when it is gone. Nothing happens if it does not run.
    pub(crate) fn end(&self, signal: &str) {
        self.warden().end(signal);
    }
}

impl Warden {
    fn adopt(&mut self, server: Child) {
        self.announce(&server.id().to_string());
        self.server = Some(server);
    }

    fn forget(&mut self) {
        self.announce("");
        self.server = None;
    }

    fn announce(&mut self, pid: &str) {
        if let Some(pipe) = &mut self.pipe {
            // A warden that was killed cannot be told; the server is then ended by Drop alone.
            let _ = writeln!(pipe, "{pid}");
        }
    }

    fn exit_status(&mut self) -> Option<std::process::ExitStatus> {
        self.server.as_mut().and_then(|server| server.try_wait().ok().flatten())
    }

    fn signal(&self, signal: &str) {
        if let Some(server) = &self.server {
            // Through the shell: std knows SIGKILL only, and a bare machine has no `kill` program.
            let _ = Command::new("sh")
                .args(["-c", r#"kill -"$1" "$2""#, "sh", signal, &server.id().to_string()])
                .stderr(Stdio::null())
                .status();
        }
    }

    #[expect(clippy::disallowed_methods, reason = "bounds a wait")]
    fn end(&mut self, signal: &str) {
        if self.server.is_none() {
            return;
        }
        self.signal(signal);
        let deadline = Instant::now() + STOP_TIME_MAX;
        while self.exit_status().is_none() {
            if Instant::now() > deadline {
                self.signal("KILL");
            }
            std::thread::sleep(POLL_INTERVAL);
        }
        self.forget();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let end_signal = self.end_signal;
        let mut warden = self.warden();
        warden.end(end_signal);
        warden.pipe = None;
        let _ = warden.shell.wait();
    }
}
