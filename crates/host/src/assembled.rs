//! Services put together over their stores and a bus, without a port: what a [`crate::Process`] runs behind one, and
//! what the simulation runs on one thread.

use std::{collections::BTreeMap, sync::Arc};

use bus::{Bus, local::LocalBus};
use journal::{Journal, Store};
use law::Law;
use proto::{
    admin::v1::admin_service_server::AdminServiceServer, log::v1::event_log_service_server::EventLogServiceServer,
    rehearsal::v1::rehearsal_service_server::RehearsalServiceServer,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

use crate::{
    Clock, Engine, Service,
    admin::{Admin, All, EventLog, Rehearsal, Running},
    consumer::Consumer,
    lineage,
    relay::Relay,
    replica::Replica,
    source::{Local, Source},
    timers,
};

/// What all services of a process share.
#[derive(Clone)]
pub struct Common {
    /// The bus.
    pub bus: Arc<dyn Bus>,
    /// The clock.
    pub clock: Clock,
    /// The law.
    pub law: &'static Law,
}

/// Services over their stores, ready to run.
#[derive(Clone)]
pub struct Assembled {
    common: Common,
    all: All,
}

impl Assembled {
    /// Puts services together with their stores; `elsewhere` finds the events of a producer that is not among them.
    pub async fn new(
        common: Common,
        services: Vec<(Arc<dyn Service>, Arc<dyn Store>)>,
        elsewhere: impl Fn(&'static str) -> anyhow::Result<Arc<dyn Source>>,
    ) -> anyhow::Result<Self> {
        let mut engines = BTreeMap::new();
        for (service, store) in &services {
            lineage::begin(store.as_ref(), &common.clock).await?;
            let journal = Journal::new(Arc::clone(store)).await?;
            let replica = Replica::default();
            replica.refresh(journal.store().as_ref()).await?;
            let engine = Engine::new(service.name(), journal, common.clock.clone(), replica).with_law(common.law);
            service
                .prepare(&engine)
                .await
                .map_err(|fault| anyhow::anyhow!("{}: {fault}", service.name()))?;
            engines.insert(service.name(), engine);
        }
        let mut all = BTreeMap::new();
        for (service, _) in services {
            let name = service.name();
            let mut consumers = Vec::new();
            let own = (name != "directory").then_some("directory");
            for producer in own.into_iter().chain(service.producers().iter().copied()) {
                let source = match engines.get(producer) {
                    Some(engine) => Arc::new(Local {
                        producer,
                        journal: engine.journal().clone(),
                    }),
                    None => elsewhere(producer)?,
                };
                let consumer = Consumer::new(Arc::clone(&service), engines[name].clone(), producer, source);
                consumer
                    .reload()
                    .await
                    .map_err(|fault| anyhow::anyhow!("{name}: {fault}"))?;
                consumers.push(Arc::new(consumer));
            }
            let relay = Relay::new(engines[name].clone(), Arc::clone(&common.bus))
                .await
                .map_err(|fault| anyhow::anyhow!("{name}: {fault}"))?;
            let running = Running {
                engine: engines[name].clone(),
                service,
                consumers,
                relay: Arc::new(relay),
            };
            all.insert(name, running);
        }
        Ok(Self {
            common,
            all: Arc::new(all),
        })
    }

    /// Adds the gRPC services: the host's own and those of every service. `rehearsed` is the in-process bus, for
    /// processes on a simulated clock.
    pub fn routes(&self, rehearsed: Option<&LocalBus>, routes: &mut RoutesBuilder) {
        routes.add_service(EventLogServiceServer::new(EventLog(Arc::clone(&self.all))));
        routes.add_service(AdminServiceServer::new(Admin(Arc::clone(&self.all))));
        if let Clock::Simulated(_) = self.common.clock {
            routes.add_service(RehearsalServiceServer::new(Rehearsal {
                clock: self.common.clock.clone(),
                bus: rehearsed.cloned(),
                all: Arc::clone(&self.all),
            }));
        }
        for running in self.all.values() {
            running.service.routes(&running.engine, routes);
        }
    }

    /// Starts what runs beside the calls, until `stop`: relays, timers, consumers, the services' own work.
    pub fn spawn(&self, tasks: &mut JoinSet<()>, stop: &CancellationToken) {
        for running in self.all.values() {
            let engine = &running.engine;
            let (relay, until) = (Arc::clone(&running.relay), stop.clone());
            tasks.spawn(async move { relay.run(until).await });
            tasks.spawn(timers::run(Arc::clone(&running.service), engine.clone(), stop.clone()));
            let (service, engine, until) = (Arc::clone(&running.service), engine.clone(), stop.clone());
            tasks.spawn(async move { service.run(engine, until).await });
            for consumer in &running.consumers {
                let (consumer, bus, stop) = (Arc::clone(consumer), Arc::clone(&self.common.bus), stop.clone());
                tasks.spawn(async move { consumer.run(bus, stop).await });
            }
        }
    }

    /// The names of the services.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.all.keys().copied()
    }

    /// The engine of one of the services.
    pub fn engine(&self, service: &str) -> Option<&Engine> {
        self.all.get(service).map(|running| &running.engine)
    }

    /// Writes what is queued and closes the stores.
    pub async fn close(&self) {
        for running in self.all.values() {
            running.engine.journal().close().await;
        }
    }
}
