//! Three subscriptions, so that each dossier makes three notifications, and a local web server for each.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use anyhow::{Context, bail};
use host::entropy::fresh_id;
use proto::notification::v1::{Channel, CreateSubscriptionRequest};
use tokio::{net::TcpListener, task::JoinSet, time::Instant};

use crate::{
    client::{Client, Failure},
    rehearse::{receivers::Receiver, webhooks},
};

/// Each happens once on a dossier's way.
pub const FACTS: [&str; 3] = ["dossier.in-review", "dossier.published", "dossier.awarded"];
/// How long nothing may arrive while something is missing.
const SILENCE_MAX: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

/// Where notifications arrive; dropping it ends its servers.
pub struct Sink {
    receivers: Vec<(&'static str, Receiver)>,
    tasks: JoinSet<()>,
}

impl Sink {
    /// Subscribes to all three facts.
    pub async fn open(client: &Client) -> anyhow::Result<Self> {
        let mut sink = Self {
            receivers: Vec::new(),
            tasks: JoinSet::new(),
        };
        for fact in FACTS {
            let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for the sink")?;
            let request = CreateSubscriptionRequest {
                request_id: fresh_id(),
                filter: BTreeMap::from([("fact".to_owned(), fact.to_owned())]),
                channel: Channel::Webhook.into(),
                endpoint: format!("http://{}/{fact}", listener.local_addr()?),
            };
            let made = client
                .notification()
                .create_subscription(request)
                .await
                .map_err(Failure::from)?
                .into_inner();
            let receiver = Receiver::default();
            receiver.notes().secret = Some(made.secret);
            sink.tasks.spawn(webhooks::serve(listener, receiver.clone()));
            sink.receivers.push((fact, receiver));
        }
        Ok(sink)
    }

    /// How many arrived.
    pub fn arrived(&self) -> usize {
        self.receivers
            .iter()
            .map(|(_, receiver)| receiver.notes().received.len())
            .sum()
    }

    /// Waits until as many arrived as must, as long as they keep arriving.
    pub async fn wait_for(&self, expected: usize) {
        let (mut before, mut since) = (self.arrived(), Instant::now());
        while before < expected && since.elapsed() < SILENCE_MAX {
            tokio::time::sleep(PAUSE).await;
            let arrived = self.arrived();
            if arrived != before {
                (before, since) = (arrived, Instant::now());
            }
        }
    }

    /// Fails unless every dossier had each of its notifications once.
    pub fn check(&self, dossiers: usize) -> anyhow::Result<()> {
        for (fact, receiver) in &self.receivers {
            let notes = receiver.notes();
            if let Some(complaint) = notes.complaints.first() {
                bail!("{fact}: {complaint}");
            }
            let distinct: BTreeSet<_> = notes.received.iter().map(|one| &one.delivery).collect();
            let strange = notes.received.iter().find(|one| one.fact != *fact);
            if let Some(strange) = strange {
                bail!("{fact}: {} came instead", strange.fact);
            }
            if distinct.len() != dossiers || notes.received.len() != dossiers {
                let (calls, distinct) = (notes.received.len(), distinct.len());
                bail!("{fact}: {calls} notifications came, {distinct} of them distinct, for {dossiers} dossiers");
            }
        }
        Ok(())
    }
}
