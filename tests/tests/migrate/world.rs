//! A process with permits, of one program or the next, on one store.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use access::{Issuer, Principal, Role, Verifier};
use bus::local::LocalBus;
use host::{Call, Clock, Fault, Process, ProcessConfig, Service, Unit, entropy};
use journal::{HistoryRow, Key, Location};
use machine::{Machine as _, Timestamp};
use proto::admin::v1::{
    MigrateAggregatesRequest, MigrateAggregatesResponse, ReplayHistoriesRequest,
    admin_service_client::AdminServiceClient, aggregate_migration::Outcome,
};
use tonic::{Request, Status, transport::Channel};

use crate::permit::{Input, Permit, offices};

pub const PERMIT: &str = Permit::<2>::NAME;
const START: i64 = 1_700_000_000_000_000;

/// What outlives a process.
pub struct Ground {
    location: Location,
    clock: Clock,
    _home: tempfile::TempDir,
}

impl Ground {
    pub fn sqlite() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        Self {
            location: Location::Directory(home.path().to_owned()),
            clock: Clock::simulated(Timestamp(START)),
            _home: home,
        }
    }

    pub async fn postgres() -> Self {
        let url = tokio::task::spawn_blocking(|| testkit::Postgres::shared().fresh_database());
        Self {
            location: Location::Postgres(url.await.expect("a database")),
            ..Self::sqlite()
        }
    }

    /// Runs the program whose newest version is 1.
    pub async fn first(&self) -> World {
        World::on(self, offices::<1>()).await
    }

    /// Runs the program whose newest version is 2.
    pub async fn second(&self) -> World {
        World::on(self, offices::<2>()).await
    }
}

/// A running process.
pub struct World {
    process: Process,
    clock: Clock,
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

/// What became of a permit: its id, the version and state that it was in, and what came of that.
pub type Told = (String, u32, String, Outcome, String);

impl World {
    async fn on(ground: &Ground, services: Vec<Arc<dyn Service>>) -> Self {
        let issuer = Arc::new(Issuer::generate("toy", "toys", [7; 32]));
        let clock = ground.clock.clone();
        let bus = LocalBus::default();
        let (signer, now) = (Arc::clone(&issuer), clock.clone());
        let config = ProcessConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            location: ground.location.clone(),
            bus: Arc::new(bus.clone()),
            local_bus: Some(bus),
            law: law::Law::embedded(),
            clock: clock.clone(),
            verifier: Verifier::new("toy", "toys", vec![issuer.public_key()]).expect("a key"),
            token: Arc::new(move || signer.sign(&who(Role::Service), now.now().0 / 1_000_000, 300)),
            peers: BTreeMap::new(),
            limits: host::limits::Limits::default(),
        };
        let process = Process::start(config, services).await.expect("it starts");
        Self { process, clock, issuer }
    }

    pub async fn stop(self) {
        self.process.stop().await;
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.process.address())
    }

    pub fn token(&self, role: Role) -> String {
        self.issuer.sign(&who(role), self.clock.now().0 / 1_000_000, 300)
    }

    /// A step by a program whose newest version is `V`; the state that it leads to.
    pub async fn step<const V: u32>(&self, id: &str, input: Input) -> Result<String, Fault> {
        let call = Call::new(who(Role::Officer), "toy/Step", &entropy::fresh_id(), &String::new()).expect("a UUID");
        let body = |unit: &mut Unit| Ok(unit.step::<Permit<V>>(id, input)?.state_name());
        let hint = vec![Key::new(PERMIT, id)];
        let engine = self.process.engine("approval").expect("it runs");
        engine.act(&call, hint, body).await
    }

    /// Files a permit by a program whose newest version is `V`, and takes it further.
    pub async fn file<const V: u32>(&self, id: &str, further: &[Input]) {
        for input in [Input::File].iter().chain(further) {
            self.step::<V>(id, *input).await.expect("it is taken");
        }
    }

    async fn admin(&self) -> AdminServiceClient<Channel> {
        let channel = Channel::from_shared(self.url()).expect("an address");
        AdminServiceClient::new(channel.connect().await.expect("it listens"))
    }

    fn request<T>(&self, role: Role, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {}", self.token(role)).parse().expect("plain text");
        request.metadata_mut().insert("authorization", bearer);
        request
    }

    pub async fn ask(
        &self,
        role: Role,
        request: MigrateAggregatesRequest,
    ) -> Result<MigrateAggregatesResponse, Status> {
        let request = self.request(role, request);
        Ok(self.admin().await.migrate_aggregates(request).await?.into_inner())
    }

    /// All pages of an operator's move to version 2.
    pub async fn migrate(&self, dry_run: bool) -> Vec<Told> {
        let mut told = Vec::new();
        let mut request = to(2);
        request.dry_run = dry_run;
        loop {
            request.request_id = entropy::fresh_id();
            let page = self.ask(Role::Operator, request.clone()).await.expect("a page");
            told.extend(page.aggregates.into_iter().map(|one| {
                let outcome = one.outcome();
                (one.id, one.version, one.state, outcome, one.next_state + &one.reason)
            }));
            if page.next_page_token.is_empty() {
                return told;
            }
            request.page_token = page.next_page_token;
        }
    }

    pub async fn history(&self, id: &str) -> Vec<HistoryRow> {
        let store = self.process.engine("approval").expect("it runs").journal().store();
        let rows = store.history(&Key::new(PERMIT, id), 0, 100).await;
        rows.expect("a store")
    }

    /// Every chain holds, and every history replays.
    pub async fn all_is_well(&self) {
        let store = self.process.engine("approval").expect("it runs").journal().store();
        let verified = journal::verify(store.as_ref(), |_| {}).await.expect("a store");
        assert!(verified.problems.is_empty(), "{:?}", verified.problems);
        let request = ReplayHistoriesRequest {
            service: "approval".to_owned(),
        };
        let request = self.request(Role::Operator, request);
        let replayed = self.admin().await.replay_histories(request).await.expect("an answer");
        let replayed = replayed.into_inner();
        assert_eq!(replayed.divergences, Vec::<String>::new());
        assert!(replayed.steps > 0);
    }
}

/// A request for pages of two.
pub fn to(version: u32) -> MigrateAggregatesRequest {
    MigrateAggregatesRequest {
        request_id: entropy::fresh_id(),
        service: "approval".to_owned(),
        machine: PERMIT.to_owned(),
        to: version,
        reason: "review before grant".to_owned(),
        page_size: 2,
        ..MigrateAggregatesRequest::default()
    }
}
