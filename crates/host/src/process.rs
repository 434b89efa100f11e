//! A process: some services behind one gRPC port, from start to a bounded end.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use access::Verifier;
use bus::{Bus, local::LocalBus};
use journal::{Location, Migration};
use law::Law;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tonic::{
    service::Routes,
    transport::{Endpoint, Server},
};

use crate::{
    Clock, Engine, Service,
    access_layer::AccessLayer,
    admission::AdmissionLayer,
    assembled::{Assembled, Common},
    doors,
    limits::Limits,
    replica,
    source::{Remote, Source, TokenSource},
};

/// Calls that a client took back before they were begun; one more ends its connection.
const RESETS_MAX: usize = 20;
/// Calls that its own errors ended; one more ends its connection.
const OWN_RESETS_MAX: usize = 256;
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
    /// How much it takes on at once.
    pub limits: Limits,
}

/// A running process.
pub struct Process {
    address: SocketAddr,
    stop: CancellationToken,
    tasks: JoinSet<()>,
    all: Assembled,
    bus: Arc<dyn Bus>,
}

impl Process {
    /// Opens stores, checks all, starts everything; returns when calls are answered.
    pub async fn start(config: ProcessConfig, services: Vec<Arc<dyn Service>>) -> anyhow::Result<Self> {
        let postgres = matches!(config.location, Location::Postgres(_));
        let mut stored = Vec::with_capacity(services.len());
        for service in services {
            let migrations: Vec<Migration> = service
                .migrations(postgres)
                .iter()
                .copied()
                .chain([replica::MIGRATION])
                .collect();
            let store = journal::open(&config.location, service.name(), Vec::leak(migrations)).await?;
            stored.push((service, store));
        }
        let common = Common {
            bus: Arc::clone(&config.bus),
            clock: config.clock.clone(),
            law: config.law,
        };
        let all = Assembled::new(common, stored, |producer| source(&config, producer)).await?;

        let (health, health_service) = tonic_health::server::health_reporter();
        let mut routes = Routes::builder();
        routes.add_service(health_service);
        let reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
            .build_v1()?;
        routes.add_service(reflection);
        all.routes(config.local_bus.as_ref(), &mut routes);

        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|e| anyhow::anyhow!("cannot listen on {}: {e}; choose another with --listen", config.listen))?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        all.spawn(&mut tasks, &stop);
        let limits = &config.limits;
        let incoming = doors::open(listener, limits);
        let server = Server::builder()
            .max_concurrent_streams(limits.streams_per_connection)
            .max_connection_age(Duration::from_secs(limits.connection_age_s))
            .http2_max_header_list_size(limits.header_bytes)
            .http2_max_pending_accept_reset_streams(Some(RESETS_MAX))
            .http2_max_local_error_reset_streams(Some(OWN_RESETS_MAX))
            .http2_keepalive_interval(Some(Duration::from_secs(30)))
            .http2_keepalive_timeout(Some(Duration::from_secs(20)))
            .layer(telemetry::ServerLayer::new())
            .layer(AccessLayer::new(config.verifier, config.clock))
            .layer(AdmissionLayer::new(limits))
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
        for name in all.names() {
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
        self.all.engine(service)
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
        self.all.close().await;
        self.bus.close().await;
    }
}

fn source(config: &ProcessConfig, producer: &'static str) -> anyhow::Result<Arc<dyn Source>> {
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
