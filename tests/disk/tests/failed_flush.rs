//! PostgreSQL after a flush of its log that failed: why the guarantees ask for `restart_after_crash = off`.

use std::time::Duration;

use disk::{
    dice::Dice,
    model::{Disk, Fate},
    rig::Rig,
    server::{self, Server},
    trouble::power_goes,
    world::Boot,
};

/// Nothing is flushed but by those who commit.
const QUIET: [&str; 4] = [
    "checkpoint_timeout=1h",
    "wal_writer_delay=10s",
    "bgwriter_lru_maxpages=0",
    "autovacuum=off",
];
const WAIT_MAX: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(20);
const COUNT: &str = "SELECT count(*) FROM kept";
/// Several pages of the log in one flush.
const MANY: &str = "INSERT INTO kept SELECT generate_series(1, 1000)";

struct Machine {
    folder: tempfile::TempDir,
    rig: Rig,
    boots: Vec<Boot>,
    server: Server,
}

impl Machine {
    /// One row is acknowledged.
    fn new(setting: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::chown(folder.path(), server::owner(), None).expect("the server's folder");
        let disk = folder.path().join("disk");
        server::initialize(&disk).expect("the server's files");
        let rig = Rig::new(&folder.path().join("rig"), &disk, server::owner()).expect("a rig");
        let boots = vec![Boot {
            position: 0,
            disk: Disk::of(&disk).expect("the disk"),
        }];
        let server = Server::start(&disk, Some(&rig), &[QUIET.as_slice(), &[setting]].concat()).expect("a server");
        let machine = Self {
            folder,
            rig,
            boots,
            server,
        };
        machine.ask("CREATE TABLE kept (number integer)");
        machine.ask("INSERT INTO kept VALUES (0)");
        machine
    }

    #[track_caller]
    fn ask(&self, sql: &str) -> String {
        self.server
            .query(sql)
            .unwrap_or_else(|why| panic!("{sql}: {why}\n{}", self.log()))
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("disk.log")).unwrap_or_default()
    }

    /// Waits until its log says so.
    fn tells(&self, text: &str) {
        let mut waited = Duration::ZERO;
        while !self.log().contains(text) {
            assert!(waited < WAIT_MAX, "no word of {text:?}:\n{}", self.log());
            std::thread::sleep(PAUSE);
            waited += PAUSE;
        }
    }

    /// A commit begins a segment of the log, and its flush fails.
    fn fail(&self) {
        // Old segments become those to come: making one would be the flush that fails.
        for _ in 0..4 {
            self.ask("CREATE TABLE passing (); DROP TABLE passing");
            self.ask("SELECT pg_switch_wal()");
        }
        self.ask("CHECKPOINT");
        self.ask("SELECT pg_switch_wal()");
        let failed = || self.log().matches("could not fdatasync file").count();
        let before = failed();
        self.rig.fail_flushes(1, 1).expect("a knob");
        self.server.query(MANY).expect_err("the flush failed");
        assert_eq!(failed(), before + 1, "{}", self.log());
    }

    fn power_goes(&mut self, fate: Fate) {
        let disk = self.folder.path().join("disk");
        power_goes(&self.rig, &disk, &mut self.boots, fate, &mut Dice::new(3)).expect("a power cut");
    }
}

/// The machine goes down before the server starts again: all that was acknowledged is there, and work goes on.
#[test]
fn a_server_that_ends_of_it_and_comes_back_with_the_machine_has_everything() {
    let mut machine = Machine::new("restart_after_crash=off");
    for fate in [Fate::Gone, Fate::Writes(50), Fate::Sectors(50)] {
        let before: u32 = machine.ask(COUNT).parse().expect("a number");
        machine.fail();
        machine.server.end().expect("it gives up");
        machine.power_goes(fate);
        machine.server.revive().expect("it starts");
        // What was refused is there wholly or not at all.
        let found: u32 = machine.ask(COUNT).parse().expect("a number");
        assert!(
            [before, before + 1000].contains(&found),
            "{fate:?}: {found} rows, {before} were acknowledged"
        );
        machine.ask("INSERT INTO kept VALUES (1)");
        let acknowledged = machine.ask(COUNT);
        machine.server.stop().expect("it is ended");
        machine.power_goes(Fate::Gone);
        machine.server.revive().expect("it starts");
        assert_eq!(machine.ask(COUNT), acknowledged, "{fate:?}");
    }
}

/// By default it starts itself again, on a machine that stays up: it reads from the system's memory what the disk never
/// took, goes on behind it, and acknowledges that. The next power cut takes the whole server. The day on which this
/// fails, a newer server writes its log again, and the advice can go.
#[test]
fn a_server_that_starts_itself_again_is_lost_when_the_power_goes() {
    let mut machine = Machine::new("restart_after_crash=on");
    machine.fail();
    // Until then the server of before may still answer.
    machine.tells("all server processes terminated; reinitializing");
    machine.server.answers().expect("it comes back by itself");
    assert_eq!(machine.ask(COUNT), "1001", "what was refused is shown");
    machine.ask("INSERT INTO kept VALUES (1)");
    machine.ask("CHECKPOINT");
    machine.server.stop().expect("it is ended");
    machine.power_goes(Fate::Gone);
    let refused = machine.server.revive().expect_err("its log has a hole");
    assert!(
        format!("{refused:#}").contains("could not locate a valid checkpoint record"),
        "{refused:#}"
    );
}
