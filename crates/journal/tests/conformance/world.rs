//! A store in a place of its own, and short ways to say what is committed to it.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use journal::{
    ClaimOp, Commit, Conflict, Entry, Inbox, Key, Location, Migration, NewEvent, Position, Request, Seal, Source, Step,
    Store, StoreError, TimerOp, Value, Write,
};
use sqlx::Connection;

pub const SERVICE: &str = "intake";

/// A view table in the subset of both stores.
pub const VIEWS: &[Migration] = &[Migration {
    version: 100,
    name: "worklist",
    sql: "CREATE TABLE worklist (dossier TEXT PRIMARY KEY, since BIGINT, note TEXT)",
}];

pub struct World {
    pub store: Arc<dyn Store>,
    pub location: Location,
    /// Goes with the world.
    _directory: Option<tempfile::TempDir>,
}

impl World {
    pub async fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let location = Location::Directory(directory.path().join("data"));
        Self::open(location, Some(directory)).await
    }

    pub async fn postgres() -> Self {
        Self::open(Location::Postgres(testkit::Postgres::shared().fresh_database()), None).await
    }

    async fn open(location: Location, directory: Option<tempfile::TempDir>) -> Self {
        let store = journal::open(&location, SERVICE, VIEWS).await.unwrap();
        Self {
            store,
            location,
            _directory: directory,
        }
    }

    /// A second handle on the same store: for PostgreSQL another replica, for SQLite another process.
    pub async fn replica(&self) -> Arc<dyn Store> {
        self.open_with(VIEWS).await.unwrap()
    }

    pub async fn open_with(&self, migrations: &'static [Migration]) -> Result<Arc<dyn Store>, StoreError> {
        journal::open(&self.location, SERVICE, migrations).await
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self.location, Location::Directory(_))
    }

    /// Runs SQL behind the store's back.
    pub async fn sql(&self, sql: &str) -> Result<(), Source> {
        match &self.location {
            Location::Directory(directory) => {
                let file: PathBuf = directory.join(format!("{SERVICE}.db"));
                Ok(rusqlite::Connection::open(file)?.execute_batch(sql)?)
            }
            Location::Postgres(url) => {
                let options = url
                    .parse::<sqlx::postgres::PgConnectOptions>()?
                    .options([("search_path", SERVICE)]);
                let mut connection = sqlx::PgConnection::connect_with(&options).await?;
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
                    .execute(&mut connection)
                    .await?;
                Ok(connection.close().await?)
            }
        }
    }

    /// What someone does first who means to change history.
    pub async fn drop_triggers(&self) {
        let on = |table: &str| {
            if self.is_sqlite() {
                String::new()
            } else {
                format!(" ON {table}")
            }
        };
        let mut triggers = vec![
            ("history_is_not_deleted", "history"),
            ("history_is_not_changed", "history"),
            ("event_is_not_changed", "event"),
        ];
        if self.is_sqlite() {
            triggers.push(("event_is_not_deleted", "event"));
        }
        let sql: Vec<_> = triggers
            .iter()
            .map(|(name, table)| format!("DROP TRIGGER {name}{}", on(table)))
            .collect();
        self.sql(&sql.join(";")).await.unwrap();
    }

    /// Commits one.
    pub async fn commit(&self, commit: Commit) -> Result<Position, Conflict> {
        one(&*self.store, commit).await
    }

    /// The version of an aggregate; 0 if there is none.
    pub async fn version(&self, key: &Key) -> u64 {
        self.store.load(std::slice::from_ref(key)).await.unwrap()[0]
            .as_ref()
            .map_or(0, |loaded| loaded.version)
    }
}

pub async fn one(store: &dyn Store, commit: Commit) -> Result<Position, Conflict> {
    store.commit(&[commit]).await.unwrap().pop().unwrap()
}

pub fn key(id: &str) -> Key {
    Key::new("intake.dossier", id)
}

pub fn entry(text: &str) -> Entry {
    Entry {
        input: text.as_bytes().to_vec(),
        actor: "người lập hồ sơ".into(),
        at: 1_700_000_000_000_000,
        request_id: String::new(),
        cause: String::new(),
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
        state: text.into(),
        outcome: [7; 16],
    }
}

/// A step of one input and no effects.
pub fn step(id: &str, expected: u64) -> Step {
    Step {
        key: key(id),
        expected,
        seq: 0,
        machine_version: 1,
        entries: vec![entry(&format!("input {}", expected + 1))],
        snapshot: format!("snapshot {}", expected + 1).into_bytes(),
        events: Vec::new(),
        timers: Vec::new(),
        claims: Vec::new(),
    }
}

/// The same, with an event, as all before it had one.
pub fn published(id: &str, expected: u64) -> Step {
    Step {
        seq: expected,
        events: vec![event()],
        ..step(id, expected)
    }
}

pub fn event() -> NewEvent {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NewEvent {
        event_id: format!("event-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
        event_type: "dossier.submitted".into(),
        agency: "ubnd-tinh".into(),
        body: vec![0, 1, 255],
        at: 1_700_000_000_000_001,
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
    }
}

/// A value in the box of `review`.
pub fn ballot(seat: &str, value: u8) -> Seal {
    Seal::Put {
        key: key("review"),
        name: seat.into(),
        value: vec![value],
    }
}

/// A step of `review` that writes in its box.
pub fn sealing(expected: u64, sealed: Vec<Seal>) -> Commit {
    Commit {
        sealed,
        ..commit(step("review", expected))
    }
}

pub fn commit(step: Step) -> Commit {
    Commit {
        steps: vec![step],
        ..Commit::default()
    }
}

pub fn claiming(mut step: Step, claim: &str) -> Step {
    step.claims.push(ClaimOp::Claim(claim.into()));
    step
}

pub fn releasing(mut step: Step, claim: &str) -> Step {
    step.claims.push(ClaimOp::Release(claim.into()));
    step
}

pub fn timing(mut step: Step, timer: TimerOp) -> Step {
    step.timers.push(timer);
    step
}

pub fn request(id: &str, digest: u8) -> Request {
    Request {
        principal: "cb-001".into(),
        request_id: id.into(),
        method: "Submit".into(),
        digest: [digest; 16],
        reply: b"accepted".to_vec(),
        at: 3,
    }
}

/// Event number `seq` of aggregate `a` of approval.
pub fn inbox(seq: u64) -> Inbox {
    Inbox {
        consumer: "intake".into(),
        producer: "approval".into(),
        aggregate: "approval.course/a".into(),
        seq,
        event_id: format!("approval-{seq}"),
        position: 10 + seq as i64,
        at: 4,
    }
}

pub fn noting(dossier: &str, since: Option<i64>, note: Option<&str>) -> Write {
    Write {
        sql: "INSERT INTO worklist (dossier, since, note) VALUES ($1, $2, $3) \
              ON CONFLICT (dossier) DO UPDATE SET since = excluded.since, note = excluded.note",
        args: vec![
            Value::Text(dossier.into()),
            since.map_or(Value::Null, Value::Int),
            note.map_or(Value::Null, |note| Value::Text(note.into())),
        ],
    }
}
