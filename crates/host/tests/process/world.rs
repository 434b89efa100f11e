//! A process with the toys, and what a test does with it.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use access::{Issuer, Principal, Role, Verifier};
use host::{Call, Clock, Engine, Fault, Process, ProcessConfig, Unit, entropy};
use journal::{Key, Location};
use machine::{Machine as _, Snapshot, Timestamp};
use proto::admin::v1::{self as admin, admin_service_client::AdminServiceClient};
use tonic::{Request, transport::Channel};

use crate::{
    toy::{File, FileInput, Ills, Tally, Toy},
    wire::Wire,
};

/// When every simulated clock starts.
pub const START: i64 = 1_700_000_000_000_000;
/// What has not come by then does not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// What outlives a process.
#[derive(Clone)]
pub struct Fixtures {
    pub location: Location,
    pub clock: Clock,
    pub wire: Wire,
    pub ills: Ills,
    /// Goes with the last clone.
    #[expect(dead_code, reason = "held, not read")]
    pub home: Arc<tempfile::TempDir>,
}

impl Fixtures {
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        Self {
            location: Location::Directory(home.path().to_owned()),
            clock: Clock::simulated(Timestamp(START)),
            wire: Wire::new(),
            ills: Ills::default(),
            home: Arc::new(home),
        }
    }
}

/// A running process.
pub struct World {
    pub process: Process,
    pub fixtures: Fixtures,
    issuer: Arc<Issuer>,
}

fn who(role: Role) -> Principal {
    Principal {
        subject: format!("{role}.toy"),
        role,
        agency: "toy".to_owned(),
        person: None,
    }
}

impl World {
    pub async fn new() -> Self {
        Self::on(Fixtures::new()).await
    }

    pub async fn on(fixtures: Fixtures) -> Self {
        let issuer = Arc::new(Issuer::generate("toy", "toys", [7; 32]));
        let (signer, now) = (Arc::clone(&issuer), fixtures.clock.clone());
        let config = ProcessConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            location: fixtures.location.clone(),
            bus: Arc::new(fixtures.wire.clone()),
            local_bus: Some(fixtures.wire.bus.clone()),
            law: law::Law::embedded(),
            clock: fixtures.clock.clone(),
            verifier: Verifier::new("toy", "toys", vec![issuer.public_key()]).expect("a key"),
            token: Arc::new(move || signer.sign(&who(Role::Service), now.now().0 / 1_000_000, 300)),
            peers: BTreeMap::new(),
            limits: host::limits::Limits::default(),
        };
        let process = Process::start(config, Toy::all(&fixtures.ills))
            .await
            .expect("it starts");
        Self {
            process,
            fixtures,
            issuer,
        }
    }

    pub fn engine(&self, service: &str) -> &Engine {
        self.process.engine(service).expect("a toy")
    }

    /// A clerk's call; its digest covers `content`.
    pub fn call(request_id: &str, content: &str) -> Call {
        Call::new(who(Role::Clerk), "desk/Add", request_id, &content.to_owned()).expect("a UUID")
    }

    /// Adds numbers to a file at the desk; the file's version after that.
    pub async fn add(&self, file: &str, numbers: &[u64]) -> u64 {
        let call = Self::call(&entropy::fresh_id(), "");
        self.step(
            &call,
            file,
            &FileInput::Add {
                numbers: numbers.to_vec(),
            },
        )
        .await
        .expect("an open file takes numbers")
    }

    /// One step of a file; its version after that.
    pub async fn step(&self, call: &Call, file: &str, input: &FileInput) -> Result<u64, Fault> {
        let body = |unit: &mut Unit| {
            unit.step::<File>(file, input.clone())?;
            unit.version::<File>(file)
        };
        let hint = vec![Key::new(File::NAME, file)];
        self.engine("desk").act(call, hint, body).await
    }

    /// A file at the desk.
    pub async fn file(&self, id: &str) -> File {
        let key = [Key::new(File::NAME, id)];
        let loaded = self.engine("desk").journal().store().load(&key).await.expect("a store");
        let decode = |l: &journal::Loaded| Snapshot::<File>::decode(&l.snapshot).expect("readable").data;
        loaded[0].as_ref().map(decode).unwrap_or_default()
    }

    /// The numbers that the board has of a file, in the order in which it took them. As many steps as numbers: what
    /// took effect twice would be seen.
    pub async fn tally(&self, file: &str) -> Vec<u64> {
        let key = [Key::new(Tally::NAME, file)];
        let loaded = self
            .engine("board")
            .journal()
            .store()
            .load(&key)
            .await
            .expect("a store");
        let Some(loaded) = &loaded[0] else { return Vec::new() };
        let numbers = Snapshot::<Tally>::decode(&loaded.snapshot)
            .expect("readable")
            .data
            .numbers;
        assert_eq!(loaded.version, numbers.len() as u64);
        numbers
    }

    /// Returns once the board's tally of a file is this.
    pub async fn tallied(&self, file: &str, numbers: &[u64]) {
        until(&format!("{file} on the board"), async || {
            self.tally(file).await == numbers
        })
        .await;
    }

    /// Returns once the desk's relay and the board have seen all that the desk has published.
    pub async fn settled(&self) {
        until("the board has caught up", async || {
            let services = self.progress().await;
            let named = |name: &str| services.iter().find(|s| s.service == name).expect("a toy");
            let (desk, board) = (named("desk"), named("board"));
            let seen = board
                .consumers
                .iter()
                .find(|c| c.producer == "desk")
                .expect("it consumes");
            desk.relayed == desk.head && seen.position == desk.head
        })
        .await;
    }

    pub async fn channel(&self) -> Channel {
        let url = format!("http://{}", self.process.address());
        Channel::from_shared(url)
            .expect("an address")
            .connect()
            .await
            .expect("it listens")
    }

    fn operator<T>(&self, message: T) -> Request<T> {
        let now = self.fixtures.clock.now().0 / 1_000_000;
        let token = self.issuer.sign(&who(Role::Operator), now, 300);
        let mut request = Request::new(message);
        let bearer = format!("Bearer {token}").parse().expect("plain text");
        request.metadata_mut().insert("authorization", bearer);
        request
    }

    async fn progress(&self) -> Vec<admin::ServiceProgress> {
        let mut client = AdminServiceClient::new(self.channel().await);
        let request = self.operator(admin::GetProgressRequest {});
        client
            .get_progress(request)
            .await
            .expect("progress")
            .into_inner()
            .services
    }

    /// The board's open dead letters, as an operator sees them.
    pub async fn dead_letters(&self) -> Vec<admin::DeadLetter> {
        let mut client = AdminServiceClient::new(self.channel().await);
        let request = self.operator(admin::ListDeadLettersRequest {
            service: "board".to_owned(),
            ..admin::ListDeadLettersRequest::default()
        });
        client
            .list_dead_letters(request)
            .await
            .expect("a list")
            .into_inner()
            .dead_letters
    }

    /// An operator resolves one of the board's dead letters.
    pub async fn resolve(&self, event_id: &str, skip: bool, reason: &str) -> Result<(), tonic::Status> {
        let mut client = AdminServiceClient::new(self.channel().await);
        let request = self.operator(admin::ResolveDeadLetterRequest {
            request_id: entropy::fresh_id(),
            service: "board".to_owned(),
            event_id: event_id.to_owned(),
            skip,
            reason: reason.to_owned(),
        });
        client.resolve_dead_letter(request).await.map(|_| ())
    }

    /// From now on the board refuses this number; 0 for none.
    pub fn refuse(&self, number: u64) {
        self.fixtures.ills.refused.store(number, Ordering::SeqCst);
    }

    /// From now on this number has to wait at the board; 0 for none.
    pub fn keep_waiting(&self, number: u64) {
        self.fixtures.ills.waiting.store(number, Ordering::SeqCst);
    }
}

/// Looks until it is so, for a bounded time.
pub async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let looking = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let outcome = tokio::time::timeout(PATIENCE, looking).await;
    outcome.unwrap_or_else(|_| panic!("waited in vain: {what}"));
}
