//! A PostgreSQL server whose log is archived, and a second one, restored from its base backup to a point in time.

use std::{
    fs,
    os::unix::{fs::MetadataExt as _, fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use testkit::Tools;

/// `nobody`: what root becomes for a server that refuses to run as root.
const NOBODY: u32 = 65_534;

/// Where the archive and the base backup lie.
pub struct Archive {
    folder: tempfile::TempDir,
    run_as: Option<u32>,
    tools: Tools,
}

/// A restored server; it ends with this.
pub struct Restored {
    server: Child,
    port: u16,
}

impl Drop for Restored {
    fn drop(&mut self) {
        // Both fail only if it has ended already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Restored {
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Archive {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let run_as = root.then_some(NOBODY);
        let log = folder.path().join("log");
        fs::create_dir(&log).expect("a folder");
        for path in [folder.path(), &log] {
            chown(path, run_as, run_as).expect("given away");
        }
        let tools = Tools::installed().expect("the test servers");
        Self { folder, run_as, tools }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn base(&self) -> PathBuf {
        self.folder.path().join("base")
    }

    /// The setting that archives the log here.
    pub fn command(&self) -> String {
        format!("cp %p {}/%f", self.log().display())
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.tools.postgres(name));
        command
            .current_dir(self.folder.path())
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        if let Some(user) = self.run_as {
            command.uid(user).gid(user);
        }
        command
    }

    /// A base backup of a running server.
    pub fn take(&self, port: u16) {
        let mut backup = self.program("pg_basebackup");
        backup.args([
            "--host=127.0.0.1",
            "--username=postgres",
            "--checkpoint=fast",
            "--no-sync",
        ]);
        backup.arg(format!("--port={port}")).arg("--pgdata").arg(self.base());
        let output = backup.output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Whether a file of the log has arrived.
    pub fn has(&self, file: &str) -> bool {
        self.log().join(file).is_file()
    }

    /// Starts a server on the base backup, rolled forward to a restore point.
    pub async fn restore(&self, point: &str) -> Restored {
        let base = self.base();
        let settings = format!(
            "restore_command = 'cp {}/%f %p'\nrecovery_target_name = '{point}'\nrecovery_target_action = 'promote'\n\
             archive_mode = off\n",
            self.log().display()
        );
        append(&base.join("postgresql.auto.conf"), &settings);
        append(&base.join("recovery.signal"), "");
        for file in ["postgresql.auto.conf", "recovery.signal"] {
            chown(base.join(file), self.run_as, self.run_as).expect("given away");
        }
        let port = testkit::free_port();
        let mut server = self.program("postgres");
        server.arg("-D").arg(&base).arg("-k").arg(self.folder.path());
        server.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        server.args(["-c", "dynamic_shared_memory_type=mmap", "-c", "max_connections=200"]);
        let out = fs::File::create(self.folder.path().join("restored.log")).expect("a log");
        server.stdout(out.try_clone().expect("a log")).stderr(out);
        let restored = Restored {
            server: server.spawn().expect("it starts"),
            port,
        };
        tests::until(60, "the server to end its recovery", async || {
            let mut psql = self.program("psql");
            psql.args([
                "--no-psqlrc",
                "--tuples-only",
                "--no-align",
                "--host=127.0.0.1",
                "--username=postgres",
            ]);
            psql.arg(format!("--port={port}"))
                .args(["--command", "SELECT pg_is_in_recovery()"]);
            let output = psql.output().expect("it runs");
            (output.stdout == b"f\n").then_some(())
        })
        .await;
        restored
    }
}

fn append(file: &Path, text: &str) {
    let before = fs::read_to_string(file).unwrap_or_default();
    fs::write(file, before + text).expect("written");
}

/// How long something took.
#[expect(
    clippy::disallowed_methods,
    reason = "measures how long a restore takes; nothing is decided by it"
)]
pub fn timed() -> impl Fn() -> Duration {
    let began = std::time::Instant::now();
    move || began.elapsed()
}
