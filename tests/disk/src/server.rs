//! PostgreSQL on a watched folder. Small segments and frequent checkpoints, so that a short run meets many of both.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use testkit::Tools;

use crate::rig::Rig;

/// `nobody`: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65_534;
const READY_MAX: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(20);
/// Of every server here. It does not start itself again, as `docs/guarantees.md` tells operators: after a flush that
/// failed the system's memory shows what the disk never took, and a server must not go on from there.
const SETTINGS: [&str; 9] = [
    "restart_after_crash=off",
    "dynamic_shared_memory_type=mmap",
    "shared_buffers=16MB",
    "min_wal_size=2MB",
    "max_wal_size=4MB",
    "checkpoint_timeout=30s",
    "timezone=UTC",
    "listen_addresses=127.0.0.1",
    "max_connections=100",
];

/// A running server; dropping it ends it at once, without a checkpoint.
#[derive(Debug)]
pub struct Server {
    process: Child,
    /// Ends the server if this process goes without doing so.
    warden: Child,
    start: Start,
}

/// How it is started, and started again.
#[derive(Debug)]
struct Start {
    data: PathBuf,
    port: u16,
    tools: Tools,
    settings: Vec<String>,
    environment: Vec<(&'static str, PathBuf)>,
}

/// Whoever servers run as.
pub fn owner() -> Option<u32> {
    fs::metadata("/proc/self")
        .is_ok_and(|process| process.uid() == 0)
        .then_some(NOBODY)
}

fn command(tools: &Tools, program: &str, folder: &Path) -> Command {
    let mut command = Command::new(tools.postgres(program));
    command
        .current_dir(folder)
        .env("LC_ALL", "C")
        .env_remove("PGDATA")
        .env_remove("PGOPTIONS");
    if let Some(owner) = owner() {
        command.uid(owner).gid(owner);
    }
    command
}

fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{} failed: {told}",
        command.get_program().display()
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Gives a folder, and what is in it, to whoever servers run as.
fn give(folder: &Path) -> std::io::Result<()> {
    let owner = owner();
    chown(folder, owner, owner)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            give(&entry.path())?;
        } else {
            chown(entry.path(), owner, owner)?;
        }
    }
    Ok(())
}

/// Makes the files of a new server in `data`.
pub fn initialize(data: &Path) -> anyhow::Result<()> {
    let tools = Tools::installed().map_err(|missing| anyhow::anyhow!("{missing}"))?;
    fs::create_dir_all(data)?;
    give(data)?;
    let mut initdb = command(&tools, "initdb", data);
    initdb.args([
        "--no-sync",
        "--auth=trust",
        "--username=postgres",
        "--encoding=UTF8",
        "--locale=C",
    ]);
    run(initdb.args(["--wal-segsize=1", "--pgdata"]).arg(data))?;
    Ok(())
}

impl Server {
    /// Starts on these files, on a watched disk if given, and waits until it answers. Its log lies beside the files.
    pub fn start(data: &Path, rig: Option<&Rig>, settings: &[&str]) -> anyhow::Result<Self> {
        let start = Start {
            data: data.to_owned(),
            port: testkit::free_port(),
            tools: Tools::installed().map_err(|missing| anyhow::anyhow!("{missing}"))?,
            settings: SETTINGS.iter().chain(settings).map(ToString::to_string).collect(),
            environment: rig.into_iter().flat_map(Rig::environment).collect(),
        };
        let (process, warden) = start.spawn()?;
        let mut server = Self { process, warden, start };
        server.answers()?;
        Ok(server)
    }

    /// Whether it has given up, all of its processes gone.
    pub fn has_ended(&mut self) -> std::io::Result<bool> {
        Ok(self.process.try_wait()?.is_some())
    }

    /// Starts it again once it has ended, as a service manager would, or as the machine does that comes up again.
    pub fn revive(&mut self) -> anyhow::Result<()> {
        let _ = self.warden.kill();
        self.warden.wait()?;
        (self.process, self.warden) = self.start.spawn()?;
        self.answers()
    }

    /// Waits until it has given up.
    pub fn end(&mut self) -> anyhow::Result<()> {
        let mut waited = Duration::ZERO;
        while !self.has_ended()? {
            ensure!(waited < READY_MAX, "postgres does not end");
            std::thread::sleep(PAUSE);
            waited += PAUSE;
        }
        Ok(())
    }

    /// Ends it at once, without a checkpoint: the immediate shutdown, which SIGKILL differs from in leaving shared memory
    /// behind.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        let pid = self.process.id().to_string();
        Command::new("sh")
            .args(["-c", "kill -QUIT \"$1\"", "sh", &pid])
            .status()?;
        self.end()
    }

    /// Waits until it answers.
    #[expect(clippy::disallowed_methods, reason = "bounds a wait")]
    pub fn answers(&mut self) -> anyhow::Result<()> {
        let began = std::time::Instant::now();
        while self.query("SELECT 1").is_err() {
            let told = || fs::read_to_string(self.start.data.with_extension("log")).unwrap_or_default();
            if let Some(status) = self.process.try_wait()? {
                bail!("postgres ended at start, {status}:\n{}", told());
            }
            if began.elapsed() > READY_MAX {
                bail!("postgres is not ready:\n{}", told());
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// The URL of its one database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.start.port)
    }

    /// Runs SQL as superuser.
    pub fn query(&self, sql: &str) -> anyhow::Result<String> {
        let mut psql = command(&self.start.tools, "psql", &self.start.data);
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]);
        psql.args(["--host", "127.0.0.1", "--port", &self.start.port.to_string()]);
        psql.args(["--username", "postgres", "--dbname", "postgres"]);
        run(psql.args(["--command", sql]))
    }
}

impl Start {
    /// The server, and who ends it if this process goes without doing so.
    fn spawn(&self) -> anyhow::Result<(Child, Child)> {
        give(&self.data)?;
        // The process that it names ended with the machine; by now the number may be another's.
        let _ = fs::remove_file(self.data.join("postmaster.pid"));
        let mut server = command(&self.tools, "postgres", &self.data);
        server.arg("-D").arg(&self.data);
        server.args(["-p", &self.port.to_string(), "-k", ""]);
        for setting in &self.settings {
            server.args(["-c", setting]);
        }
        for (name, value) in &self.environment {
            server.env(name, value);
        }
        let log = fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.data.with_extension("log"))?;
        server.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let process = server.process_group(0).spawn().context("cannot start postgres")?;
        let warden = Command::new("sh")
            .args(["-c", "read -r _; kill -QUIT \"$1\"", "sh", &process.id().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok((process, warden))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.warden.kill();
        let _ = self.warden.wait();
        if !matches!(self.has_ended(), Ok(true)) {
            let _ = self.stop();
        }
    }
}
