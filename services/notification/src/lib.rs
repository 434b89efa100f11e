//! Who is told what, and whether it arrived.
//!
//! Events of intake and approval meet the active subscriptions: each pair is one delivery, made in the commit that
//! marks the event as applied. Streams are fetched and acknowledged; webhooks are called and e-mails handed over by a
//! worker until they are taken, or given up after about 75 hours.

mod answer;
mod api;
mod endpoint;
mod facts;
pub mod machine;
mod mail;
#[doc(hidden)]
pub mod probe;
mod reactions;
mod sender;
mod shared;
mod stream;
#[cfg(test)]
mod tests;
mod views;
mod webhook;

use std::{sync::Arc, time::Duration};

use ::machine::Machine as _;
use async_trait::async_trait;
use bus::Envelope;
use host::{Clock, Engine, Fault, Kind, Service, Unit};
use journal::{Key, Migration, Sql};
use proto::notification::v1::notification_service_server::NotificationServiceServer;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

use crate::{
    machine::{
        delivery::{self, Delivery},
        roll::Roll,
        subscription::Subscription,
    },
    shared::Shared,
};

pub use crate::mail::MailConfig;

/// How notification is set up.
#[derive(Clone, Debug, Default)]
pub struct NotificationConfig {
    /// Whether webhooks may use http and addresses of closed networks: for rehearsals and for installations without
    /// the internet. Else https and public addresses only.
    pub webhook_private: bool,
    /// The mail server that e-mail goes through; without it subscriptions by e-mail are refused.
    pub mail: Option<MailConfig>,
}

/// The notification service.
#[derive(Clone, Debug)]
pub struct Notification {
    shared: Arc<Shared>,
}

impl Notification {
    /// The service.
    pub fn new(config: NotificationConfig) -> Self {
        Self {
            shared: Arc::new(Shared::new(config)),
        }
    }
}

static SQLITE: [Migration; 1] = [Migration {
    version: 100,
    name: "views",
    sql: include_str!("../../../migrations/sqlite/notification/0100_views.sql"),
}];

static POSTGRES: [Migration; 1] = [Migration {
    version: 100,
    name: "views",
    sql: include_str!("../../../migrations/postgres/notification/0100_views.sql"),
}];

/// How soon a failed reading of the subscriptions is tried again.
const AGAIN: Duration = Duration::from_secs(1);

#[async_trait]
impl Service for Notification {
    fn name(&self) -> &'static str {
        "notification"
    }

    fn migrations(&self, postgres: bool) -> &'static [Migration] {
        if postgres { &POSTGRES } else { &SQLITE }
    }

    fn statements(&self) -> Vec<Sql> {
        views::STATEMENTS.to_vec()
    }

    fn kinds(&self) -> Vec<Kind> {
        vec![Kind::of::<Subscription>(), Kind::of::<Delivery>(), Kind::of::<Roll>()]
    }

    fn producers(&self) -> &'static [&'static str] {
        &["intake", "approval"]
    }

    fn touches(&self, event: &Envelope) -> Vec<Key> {
        reactions::touches(&self.shared, event)
    }

    fn react(&self, event: &Envelope, unit: &mut Unit) -> Result<(), Fault> {
        reactions::react(&self.shared, event, unit)
    }

    fn fire(&self, key: &Key, _timer: &str, unit: &mut Unit) -> Result<(), Fault> {
        if key.kind == Delivery::NAME {
            unit.step::<Delivery>(&key.id, delivery::Input::Due)?;
        }
        Ok(())
    }

    fn routes(&self, engine: &Engine, routes: &mut RoutesBuilder) {
        let api = api::Api {
            shared: Arc::clone(&self.shared),
            engine: engine.clone(),
        };
        routes.add_service(NotificationServiceServer::new(api));
    }

    async fn prepare(&self, engine: &Engine) -> Result<(), Fault> {
        if let Clock::Simulated(_) = engine.clock() {
            sender::recover(engine).await?;
        }
        self.shared.reload(engine).await
    }

    async fn run(&self, engine: Engine, stop: CancellationToken) {
        let reading = async {
            loop {
                self.shared.outdated.notified().await;
                if let Err(fault) = self.shared.reload(&engine).await {
                    tracing::warn!(%fault, "subscriptions are read again in a moment");
                    tokio::time::sleep(AGAIN).await;
                    self.shared.outdated.notify_one();
                }
            }
        };
        let sending = sender::run(Arc::clone(&self.shared), engine.clone(), stop.clone());
        let ending = async {
            stop.cancelled().await;
            self.shared.ending.cancel();
        };
        tokio::select! {
            biased;
            _ = async { tokio::join!(sending, ending) } => {}
            () = reading => {}
        }
    }

    async fn under_way(&self, engine: &Engine) -> Result<u32, Fault> {
        self.shared.under_way(engine).await
    }
}
