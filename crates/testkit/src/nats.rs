//! A NATS server with JetStream.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use crate::process::Process;
use crate::tools::Tools;

/// Ports that may prove to be taken between choosing one and listening on it.
const START_ATTEMPTS_MAX: u32 = 5;

/// A NATS server with JetStream on, of its own for one test or one test process.
#[derive(Debug)]
pub struct Nats {
    process: Process,
    tools: Tools,
    port: u16,
    more: String,
}

impl Nats {
    /// Starts a new, empty server. Takes some 50 ms.
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// Starts a server with more lines in its configuration file, such as `authorization { token: … }`.
    pub fn start_with(more: &str) -> Self {
        Self::try_start(more).unwrap_or_else(|why| panic!("NATS: {why}"))
    }

    /// The server that all tests of this process share. Keep apart by subjects and streams: see [`crate::unique`].
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Nats> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    fn try_start(more: &str) -> Result<Self, String> {
        let tools = Tools::installed().map_err(|missing| missing.to_string())?;
        let process = Process::new("nats", "KILL", None)?;
        let mut server = Self {
            process,
            tools,
            port: crate::free_port(),
            more: more.to_owned(),
        };
        for _ in 1..START_ATTEMPTS_MAX {
            match server.launch() {
                Err(why) if why.contains("in use") => server.port = crate::free_port(),
                result => return result.map(|()| server),
            }
        }
        server.launch().map(|()| server)
    }

    fn launch(&self) -> Result<(), String> {
        let folder = self.process.folder();
        // A name that is ours alone: whoever answers with it on our port is the server that we started.
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let config = folder.join("nats.conf");
        let text = format!(
            "server_name: {name:?}\nlisten: \"127.0.0.1:{}\"\njetstream {{ store_dir: \"{}\" }}\n{}\n",
            self.port,
            folder.join("store").display(),
            self.more
        );
        fs::write(&config, text).map_err(|error| format!("cannot write {}: {error}", config.display()))?;
        let mut command = Command::new(self.tools.nats_server());
        command.arg("--config").arg(&config);
        self.process.start(command, || {
            greeting(self.port).is_some_and(|info| info.contains(&format!("{name:?}")))
        })
    }

    /// `nats://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The port on 127.0.0.1, which a restart keeps.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends the server as a crash would: `SIGKILL`, connections break. What the kernel has of the streams stays.
    pub fn kill(&self) {
        self.process.end("KILL");
    }

    /// Shuts the server down in order.
    pub fn stop(&self) {
        self.process.end("TERM");
    }

    /// Starts the server again on the same port and store, after [`Nats::kill`] or [`Nats::stop`], or stops it first.
    pub fn restart(&self) {
        self.stop();
        self.launch()
            .unwrap_or_else(|why| panic!("NATS does not come back: {why}"));
    }

    /// Starts the server again with nothing in its store: a broker that has forgotten everything.
    pub fn restart_empty(&self) {
        self.stop();
        let store = self.process.folder().join("store");
        fs::remove_dir_all(&store).unwrap_or_else(|error| panic!("cannot empty {}: {error}", store.display()));
        self.restart();
    }

    /// Stops the server, takes a copy of its store and starts it again: for [`Nats::restart_from_copy`].
    pub fn copy(&self) {
        self.stop();
        self.replace("copy", "store");
        self.restart();
    }

    /// Starts the server again from the copy that [`Nats::copy`] took: a broker restored from an old backup.
    pub fn restart_from_copy(&self) {
        self.stop();
        self.replace("store", "copy");
        self.restart();
    }

    fn replace(&self, new: &str, old: &str) {
        let folder = self.process.folder();
        // Of a store that does not exist yet there is nothing to copy.
        let script = r#"rm -rf "$1" && if [ -d "$2" ]; then cp -a "$2" "$1"; fi"#;
        let status = Command::new("sh")
            .current_dir(folder)
            .args(["-c", script, "sh", new, old])
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "cannot copy {old} to {new} in {}",
            folder.display()
        );
    }

    /// The server stops in its tracks, connections stay open and hang: until [`Nats::resume`].
    pub fn pause(&self) {
        self.process.signal("STOP");
    }

    /// Undoes [`Nats::pause`].
    pub fn resume(&self) {
        self.process.signal("CONT");
    }
}

/// The INFO line with which a NATS server receives each connection.
fn greeting(port: u16) -> Option<String> {
    let stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    Some(line)
}
