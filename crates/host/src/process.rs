//! A process: some services behind one gRPC port, from start to a bounded end.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use access::Verifier;
use bus::{Bus, local::LocalBus};
use journal::{Journal, Location, Migration};
use law::Law;
use proto::{
    admin::v1::admin_service_server::AdminServiceServer, log::v1::event_log_service_server::EventLogServiceServer,
    rehearsal::v1::rehearsal_service_server::RehearsalServiceServer,
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tonic::{
    service::Routes,
    transport::{Endpoint, Server, server::TcpIncoming},
};

use crate::{
    Clock, Engine, Service,
    access_layer::AccessLayer,
    admin::{Admin, All, EventLog, Rehearsal, Running},
    consumer::Consumer,
    relay::Relay,
    replica::{self, Replica},
    source::{Local, Remote, Source, TokenSource},
    timers,
};

/// Calls under way on one connection.
const STREAMS_MAX: u32 = 256;
/// Bytes of a call's headers.
const HEADERS_MAX: u32 = 16 << 10;
/// Every unary call ends by then, whatever deadline it brought.
const CALL_MAX: Duration = Duration::from_mins(1);
/// How long a graceful end may take before it is a hard one.
const STOP_MAX: Duration = Duration::from_secs(10);

/// What a process is made of.
pub struct ProcessConfig {
    /// Where gRPC listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the stores are.
    pub location: Location,
    /// The bus.
    pub bus: Arc<dyn Bus>,
    /// The same, if it is the in-process one: for rehearsals.
    pub local_bus: Option<LocalBus>,
    /// The clock.
    pub clock: Clock,
    /// The law.
    pub law: &'static Law,
    /// Who is let in.
    pub verifier: Verifier,
    /// The process' own token, for pulling events from others.
    pub token: TokenSource,
    /// Addresses of services in other processes.
    pub peers: BTreeMap<String, String>,
}

/// A running process.
pub struct Process {
    address: SocketAddr,
    stop: CancellationToken,
    tasks: JoinSet<()>,
    all: All,
    bus: Arc<dyn Bus>,
}

impl Process {
    /// Opens stores, checks all, starts everything; returns when calls are answered.
    pub async fn start(config: ProcessConfig, services: Vec<Arc<dyn Service>>) -> anyhow::Result<Self> {
        let postgres = matches!(config.location, Location::Postgres(_));
        let mut engines = BTreeMap::new();
        for service in &services {
            let migrations: Vec<Migration> = service
                .migrations(postgres)
                .iter()
                .copied()
                .chain([replica::MIGRATION])
                .collect();
            let store = journal::open(&config.location, service.name(), Vec::leak(migrations)).await?;
            let journal = Journal::new(store).await?;
            let replica = Replica::default();
            replica.refresh(journal.store().as_ref()).await?;
            let engine = Engine::new(service.name(), journal, config.clock.clone(), replica).with_law(config.law);
            service
                .prepare(&engine)
                .await
                .map_err(|fault| anyhow::anyhow!("{}: {fault}", service.name()))?;
            engines.insert(service.name(), engine);
        }
        let mut all = BTreeMap::new();
        for service in services {
            let name = service.name();
            let mut consumers = Vec::new();
            let own = (name != "directory").then_some("directory");
            for producer in own.into_iter().chain(service.producers().iter().copied()) {
                let source = source(&config, &engines, producer)?;
                let consumer = Consumer::new(Arc::clone(&service), engines[name].clone(), producer, source);
                consumer
                    .reload()
                    .await
                    .map_err(|fault| anyhow::anyhow!("{name}: {fault}"))?;
                consumers.push(Arc::new(consumer));
            }
            let relay = Relay::new(engines[name].clone(), Arc::clone(&config.bus))
                .await
                .map_err(|fault| anyhow::anyhow!("{name}: {fault}"))?;
            all.insert(
                name,
                Running {
                    engine: engines[name].clone(),
                    service,
                    consumers,
                    relay: Arc::new(relay),
                },
            );
        }
        let all: All = Arc::new(all);

        let (health, health_service) = tonic_health::server::health_reporter();
        let mut routes = Routes::builder();
        routes.add_service(health_service);
        let reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
            .build_v1()?;
        routes.add_service(reflection);
        routes.add_service(EventLogServiceServer::new(EventLog(Arc::clone(&all))));
        routes.add_service(AdminServiceServer::new(Admin(Arc::clone(&all))));
        if let Clock::Simulated(_) = config.clock {
            let (clock, bus) = (config.clock.clone(), config.local_bus.clone());
            routes.add_service(RehearsalServiceServer::new(Rehearsal {
                clock,
                bus,
                all: Arc::clone(&all),
            }));
        }
        for running in all.values() {
            running.service.routes(&running.engine, &mut routes);
        }

        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|e| anyhow::anyhow!("cannot listen on {}: {e}; choose another with --listen", config.listen))?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        for running in all.values() {
            let engine = &running.engine;
            let (relay, until) = (Arc::clone(&running.relay), stop.clone());
            tasks.spawn(async move { relay.run(until).await });
            tasks.spawn(timers::run(Arc::clone(&running.service), engine.clone(), stop.clone()));
            let (service, engine, until) = (Arc::clone(&running.service), engine.clone(), stop.clone());
            tasks.spawn(async move { service.run(engine, until).await });
            for consumer in &running.consumers {
                let (consumer, bus, stop) = (Arc::clone(consumer), Arc::clone(&config.bus), stop.clone());
                tasks.spawn(async move { consumer.run(bus, stop).await });
            }
        }
        // Without this the answer of a call waits for the client's delayed acknowledgement: 40 ms for nothing.
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        let server = Server::builder()
            .max_concurrent_streams(STREAMS_MAX)
            .http2_max_header_list_size(HEADERS_MAX)
            .http2_keepalive_interval(Some(Duration::from_secs(30)))
            .http2_keepalive_timeout(Some(Duration::from_secs(20)))
            .timeout(CALL_MAX)
            .layer(telemetry::ServerLayer::new())
            .layer(AccessLayer::new(config.verifier, config.clock))
            .add_routes(routes.routes())
            .serve_with_incoming_shutdown(incoming, stop.clone().cancelled_owned());
        tasks.spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the gRPC server ended");
            }
        });
        health
            .set_service_status("", tonic_health::ServingStatus::Serving)
            .await;
        for name in all.keys() {
            let full = format!("vinhdanh.{name}.v1.{}{}Service", name[..1].to_uppercase(), &name[1..]);
            health
                .set_service_status(full, tonic_health::ServingStatus::Serving)
                .await;
        }
        let stopping = stop.clone();
        tasks.spawn(async move {
            stopping.cancelled().await;
            health
                .set_service_status("", tonic_health::ServingStatus::NotServing)
                .await;
        });
        Ok(Self {
            address,
            stop,
            tasks,
            all,
            bus: config.bus,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The engine of a service of this process.
    pub fn engine(&self, service: &str) -> Option<&Engine> {
        self.all.get(service).map(|running| &running.engine)
    }

    /// Ends gracefully, within ten seconds: no new calls, running ones finish, stores close.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(STOP_MAX, async { while self.tasks.join_next().await.is_some() {} }).await;
        if ended.is_err() {
            tracing::warn!("some work did not end in time and is cut off");
        }
        self.cut().await;
    }

    /// Ends at once, as a crash would: nothing is finished, nothing is told.
    pub async fn crash(mut self) {
        self.tasks.abort_all();
        while self.tasks.join_next().await.is_some() {}
        self.cut().await;
    }

    async fn cut(&mut self) {
        self.tasks.abort_all();
        while self.tasks.join_next().await.is_some() {}
        for running in self.all.values() {
            running.engine.journal().close().await;
        }
        self.bus.close().await;
    }
}

fn source(
    config: &ProcessConfig,
    engines: &BTreeMap<&'static str, Engine>,
    producer: &'static str,
) -> anyhow::Result<Arc<dyn Source>> {
    if let Some(engine) = engines.get(producer) {
        return Ok(Arc::new(Local {
            producer,
            store: Arc::clone(engine.journal().store()),
        }));
    }
    let url = config.peers.get(producer).ok_or_else(|| {
        anyhow::anyhow!("peers.{producer} is not set: this process consumes {producer} and does not run it")
    })?;
    let endpoint = Endpoint::from_shared(url.clone())
        .map_err(|e| anyhow::anyhow!("peers.{producer}: {url} is not an address: {e}"))?;
    let channel = endpoint
        .connect_timeout(Duration::from_secs(2))
        .timeout(Duration::from_secs(10))
        .connect_lazy();
    Ok(Arc::new(Remote {
        producer: producer.to_owned(),
        channel,
        token: Arc::clone(&config.token),
    }))
}
