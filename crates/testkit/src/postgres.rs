//! A PostgreSQL server.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::process::{NOBODY, Process};
use crate::tools::{Tools, is_root};

/// Ports that may prove to be taken between choosing one and listening on it.
const START_ATTEMPTS_MAX: u32 = 5;

/// A PostgreSQL server of its own for one test or one test process.
///
/// Its settings are as durable as in production, since the system refuses a server that is not. The user is `postgres`,
/// a superuser without a password.
#[derive(Debug)]
pub struct Postgres {
    process: Process,
    tools: Tools,
    port: u16,
    settings: Vec<String>,
    run_as: Option<u32>,
}

impl Postgres {
    /// Starts a new, empty server. Takes about a second; see [`Postgres::shared`].
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server with settings of its own, such as `("fsync", "off")` for a test that expects to be refused.
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::try_start(settings).unwrap_or_else(|why| panic!("PostgreSQL: {why}"))
    }

    /// The server that all tests of this process share. Take a [`Postgres::fresh_database`] on it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    fn try_start(settings: &[(&str, &str)]) -> Result<Self, String> {
        let tools = Tools::installed().map_err(|missing| missing.to_string())?;
        let run_as = is_root().then_some(NOBODY);
        // SIGQUIT, the immediate shutdown: nothing is kept, but the shared memory is given back.
        let process = Process::new("postgres", "QUIT", run_as)?;
        let settings = settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut server = Self {
            process,
            tools,
            port: crate::free_port(),
            settings,
            run_as,
        };
        run(server
            .program("initdb")
            .args([
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C",
            ])
            .arg("--pgdata")
            .arg(server.data()))?;
        for _ in 1..START_ATTEMPTS_MAX {
            match server.launch() {
                Err(why) if why.contains("in use") => server.port = crate::free_port(),
                result => return result.map(|()| server),
            }
        }
        server.launch().map(|()| server)
    }

    fn launch(&self) -> Result<(), String> {
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.data()).arg("-k").arg(self.process.folder());
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]);
        // Files rather than /dev/shm, which is small in containers and not emptied by SIGKILL.
        let ours = [
            "dynamic_shared_memory_type=mmap",
            "max_connections=200",
            "shared_buffers=32MB",
            "timezone=UTC",
        ];
        for setting in ours.into_iter().chain(self.settings.iter().map(String::as_str)) {
            command.args(["-c", setting]);
        }
        // Asked through the socket in our own folder: whoever answers there is the server that we started.
        let mut probe = self.client("pg_isready");
        probe.arg("--quiet").stderr(Stdio::null());
        let probe = std::cell::RefCell::new(probe);
        self.process.start(command, || {
            probe.borrow_mut().status().is_ok_and(|status| status.success())
        })
    }

    fn data(&self) -> PathBuf {
        self.process.folder().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.tools.postgres(name));
        command
            .current_dir(self.process.folder())
            .env("LC_ALL", "C")
            .env_remove("PGOPTIONS")
            .env_remove("PGDATA");
        if let Some(user) = self.run_as {
            command.uid(user).gid(user);
        }
        command
    }

    fn client(&self, name: &str) -> Command {
        let mut command = self.program(name);
        command
            .arg("--host")
            .arg(self.process.folder())
            .args(["--username", "postgres"]);
        command.args(["--port", &self.port.to_string()]);
        command
    }

    /// The URL of a database on this server, which need not exist yet.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The port on 127.0.0.1, which a restart keeps.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Creates an empty database and returns its URL. The name may need no quotes: lower case, digits, `_`.
    pub fn create_database(&self, name: &str) -> String {
        self.execute("postgres", &format!("CREATE DATABASE {name}"));
        self.url(name)
    }

    /// The URL of a new, empty database that no other test has.
    pub fn fresh_database(&self) -> String {
        self.create_database(&crate::unique("test"))
    }

    /// Runs SQL as superuser and returns the rows, one a line, fields separated by `|`.
    pub fn execute(&self, database: &str, sql: &str) -> String {
        let mut psql = self.client("psql");
        psql.args([
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "--set",
            "ON_ERROR_STOP=1",
        ]);
        psql.args(["--dbname", database, "--command", sql]);
        run(&mut psql)
            .unwrap_or_else(|why| panic!("{sql}: {why}"))
            .trim_end()
            .to_owned()
    }

    /// Ends the server as a crash would: `SIGKILL`, no checkpoint, connections break.
    pub fn kill(&self) {
        self.process.end("KILL");
    }

    /// Shuts the server down in order; open transactions are rolled back.
    pub fn stop(&self) {
        self.process.end("INT");
    }

    /// Starts the server again on the same port and data, after [`Postgres::kill`] or [`Postgres::stop`], or stops it first.
    pub fn restart(&self) {
        self.stop();
        // After SIGKILL the sessions of the dead server notice a moment later, and hold the data until then.
        let mut attempts = 0;
        while let Err(why) = self.launch() {
            attempts += 1;
            assert!(
                why.contains("in use") && attempts < 100,
                "PostgreSQL does not come back: {why}"
            );
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}

/// What the program printed, or what it complained about.
fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().display().to_string();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start {name}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!(
            "{name} failed, {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ))
    }
}
