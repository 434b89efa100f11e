//! A copy of the run, and what can be done to it: rows changed behind the journal's back, lines of logs rewritten, and
//! commits that the journal takes although no engine would make them.

use std::{fs, path::Path};

use checker::{Invariant, Report, RunFolder, check};
use journal::{Commit, Entry, Key, Location, Store, Timer, TimerOp};
use machine::{Actor, Effect, Machine, Snapshot, Stimulus, Timestamp, outcome};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::run::finished;

/// What guards the record; a planted defect goes around it.
const GUARDS: [&str; 4] = [
    "history_is_not_deleted",
    "history_is_not_changed",
    "event_is_not_deleted",
    "event_is_not_changed",
];

/// A copy of the run; it goes with this value.
pub(crate) struct Copy(tempfile::TempDir);

/// How a step comes about.
#[derive(Clone, Debug, Default)]
pub(crate) struct How {
    pub(crate) by: Actor,
    pub(crate) at: i64,
    pub(crate) request_id: String,
    pub(crate) cause: String,
    pub(crate) fired: Option<Timer>,
    /// A digest of the state that is not that of the state.
    pub(crate) wrong_outcome: bool,
}

impl Copy {
    pub(crate) fn new() -> Self {
        let copy = tempfile::tempdir().expect("a folder");
        copy_all(finished(), copy.path());
        Self(copy)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    fn open(&self, service: &str) -> Connection {
        let file = self.path().join("data").join(format!("{service}.db"));
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE).expect("a database")
    }

    /// Runs statements on a service's database; each must change something.
    pub(crate) fn sql(&self, service: &str, statements: &[&str]) {
        let database = self.open(service);
        for guard in GUARDS {
            let drop = format!("DROP TRIGGER IF EXISTS {guard}");
            database.execute(&drop, []).expect("unguarded");
        }
        for statement in statements {
            let done = database.execute(statement, []);
            let changed = done.unwrap_or_else(|error| panic!("{statement}: {error}"));
            assert!(changed > 0, "it changed nothing: {statement}");
        }
    }

    /// The one text that a query gives.
    pub(crate) fn text(&self, service: &str, query: &str) -> String {
        let found = self.open(service).query_row(query, [], |row| row.get(0));
        found.unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// The one compact id that a query gives.
    pub(crate) fn id(&self, service: &str, query: &str) -> String {
        let found = self.open(service).query_row(query, [], |row| row.get::<_, Vec<u8>>(0));
        let stored = found.unwrap_or_else(|error| panic!("{query}: {error}"));
        journal::compact::text(&stored).expect("a compact id")
    }

    /// The first row of a query for a text and the content of a row of history in which `part` occurs: the text, the
    /// actor and the input.
    pub(crate) fn content(&self, service: &str, query: &str, part: &str) -> (String, String, String) {
        let database = self.open(service);
        let mut statement = database.prepare(query).expect("a query");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)));
        let contents = rows.expect("rows").map(|row| {
            let (text, packed) = row.expect("a row");
            let (actor, input) = journal::packed::unpack_pair(&packed).expect("a packed pair");
            (text, actor, String::from_utf8(input).expect("JSON"))
        });
        let found = contents
            .into_iter()
            .find(|(_, actor, input)| actor.contains(part) || input.contains(part));
        found.unwrap_or_else(|| panic!("{query}: nothing with {part}"))
    }

    /// Rewrites the lines of a log: each becomes what `change` makes of it, or goes.
    pub(crate) fn lines(&self, log: &str, mut change: impl FnMut(Value) -> Option<Value>) {
        let file = self.path().join(log);
        let text = fs::read_to_string(&file).expect("a log");
        let read = |line| serde_json::from_str::<Value>(line).expect("JSON");
        let before: Vec<Value> = text.lines().map(read).collect();
        let after: Vec<Value> = before.iter().cloned().filter_map(&mut change).collect();
        assert_ne!(after, before, "{log}: it changed nothing");
        fs::write(file, text_of(&after)).expect("rewritten");
    }

    /// Adds lines to a log.
    pub(crate) fn add(&self, log: &str, more: &[Value]) {
        let file = self.path().join(log);
        let text = fs::read_to_string(&file).unwrap_or_default();
        fs::write(file, text + &text_of(more)).expect("written");
    }

    async fn store(&self, service: &str) -> std::sync::Arc<dyn Store> {
        let location = Location::Directory(self.path().join("data"));
        journal::open(&location, service, &[]).await.expect("a store")
    }

    /// Commits one step of a machine: legal, chained and counted, but made by no engine.
    pub(crate) async fn step<M: Machine>(&self, service: &str, id: &str, input: M::Input, how: &How) {
        let store = self.store(service).await;
        let key = Key::new(M::NAME, id);
        let loaded = store.load(std::slice::from_ref(&key)).await.expect("read").remove(0);
        let from = loaded.as_ref().map_or_else(Snapshot::<M>::default, |loaded| {
            Snapshot::decode(&loaded.snapshot).expect("a snapshot")
        });
        let stimulus = Stimulus {
            input,
            by: how.by.clone(),
            at: Timestamp(how.at),
        };
        let stepped = machine::step(&from, &stimulus).expect("a legal step");
        let timers = stepped.effects.iter().map(|effect| match effect {
            Effect::SetTimer { name, due } => TimerOp::Set {
                name: name.clone(),
                due: due.0,
            },
            Effect::ClearTimer { name } => TimerOp::Clear { name: name.clone() },
            other => panic!("a planted step that asks for more than timers: {other:?}"),
        });
        let mut outcome = outcome(&stepped);
        if how.wrong_outcome {
            outcome[0] ^= 1;
        }
        let entry = Entry {
            input: serde_json::to_vec(&stimulus.input).expect("JSON"),
            actor: serde_json::to_string(&stimulus.by).expect("JSON"),
            at: how.at,
            request_id: how.request_id.clone(),
            cause: how.cause.clone(),
            traceparent: String::new(),
            state: stepped.next.state_name(),
            outcome,
        };
        let step = journal::Step {
            expected: loaded.as_ref().map_or(0, |loaded| loaded.version),
            seq: loaded.map_or(0, |loaded| loaded.seq),
            machine_version: M::VERSION,
            entries: vec![entry],
            snapshot: stepped.next.encode(),
            events: Vec::new(),
            timers: timers.collect(),
            claims: Vec::new(),
            key,
        };
        commit(store.as_ref(), step, how.fired.clone()).await;
    }

    /// Commits a step that the machine refuses, with this input; nothing changes but the history.
    pub(crate) async fn force(&self, service: &str, key: Key, input: &str, by: Actor, at: i64) {
        let store = self.store(service).await;
        let loaded = store.load(std::slice::from_ref(&key)).await.expect("read").remove(0);
        let loaded = loaded.expect("an aggregate");
        let entry = Entry {
            input: input.as_bytes().to_vec(),
            actor: serde_json::to_string(&by).expect("JSON"),
            at,
            request_id: String::new(),
            cause: "planted".to_owned(),
            traceparent: String::new(),
            state: "somewhere".to_owned(),
            outcome: [0; 16],
        };
        let step = journal::Step {
            expected: loaded.version,
            seq: loaded.seq,
            machine_version: loaded.machine_version,
            entries: vec![entry],
            snapshot: loaded.snapshot,
            events: Vec::new(),
            timers: Vec::new(),
            claims: Vec::new(),
            key,
        };
        commit(store.as_ref(), step, None).await;
    }

    pub(crate) async fn report(&self) -> Report {
        check(&RunFolder::new(self.path()), false).await.expect("a judgement")
    }

    /// This invariant is broken, no other, and a history shows it.
    #[track_caller]
    pub(crate) fn breaks(&self, invariant: Invariant) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            let report = self.report().await;
            assert_eq!(report.broken(), [invariant], "planted at {place}\n{}", report.text());
            let shown = report.violations.iter().all(|one| !one.history.is_empty());
            assert!(
                shown,
                "planted at {place}: a finding without a history\n{}",
                report.text()
            );
        }
    }
}

async fn commit(store: &dyn Store, step: journal::Step, fired: Option<Timer>) {
    let commit = Commit {
        steps: vec![step],
        fired,
        ..Commit::default()
    };
    let done = store.commit(std::slice::from_ref(&commit)).await.expect("committed");
    assert!(matches!(done.as_slice(), [Ok(_)]), "{done:?}");
    store.close().await;
}

fn text_of(lines: &[Value]) -> String {
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    lines.join("\n") + "\n"
}

fn copy_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("the run") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).expect("a folder");
            copy_all(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
