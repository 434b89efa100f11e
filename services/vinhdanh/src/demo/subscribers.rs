//! The demo's two subscribers: a web server that is called about awards, and a stream of everything.
//!
//! The endpoint is part of what was subscribed to, and its secret is shown once: both are kept in the data folder, so
//! that a second run hears what the first one could not take any more.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use proto::notification::v1::{
    Channel, CreateSubscriptionRequest, DeleteSubscriptionRequest, ListDeliveriesRequest, StreamDeliveriesRequest,
    Subscription,
};
use serde::{Deserialize, Serialize};
use time::Duration;
use tokio::{net::TcpListener, task::JoinSet};

use super::office::{Office, request_id};
use crate::{
    client::{Client, Failure},
    rehearse::{receivers::Receiver, streams, webhooks},
};

/// The file in the data folder.
const FILE: &str = "demo.json";
/// How often a secret may be lost to a crash between making the subscription and keeping its secret.
const LOST_MAX: u32 = 20;
/// The fact that the web server is called about.
const AWARDED: &str = "dossier.awarded";
/// How many simulated days retried calls get to arrive after the last dossier.
const DAYS_MAX: u32 = 8;

/// What a second run needs of the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    port: u16,
    /// The webhook subscription and its secret, once made.
    #[serde(default)]
    subscription: String,
    #[serde(default)]
    secret: String,
}

/// How many notifications arrived, by the way they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    /// Calls of the web server.
    pub webhook: usize,
    /// Read from the stream.
    pub stream: usize,
}

/// The demo's subscribers; dropping them ends their tasks.
pub struct Subscribers {
    file: PathBuf,
    kept: Kept,
    webhook: Receiver,
    stream: Receiver,
    tasks: JoinSet<()>,
}

impl Subscribers {
    /// Opens the web server, before there are services that could call it.
    pub async fn open(data: &Path) -> anyhow::Result<Self> {
        let file = data.join(FILE);
        let mut kept = match std::fs::read_to_string(&file) {
            Ok(text) => serde_json::from_str(&text).with_context(|| format!("{} is not the demo's", file.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Kept::default(),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
        };
        let listener = TcpListener::bind(("127.0.0.1", kept.port)).await.with_context(|| {
            let (port, data) = (kept.port, data.display());
            format!(
                "port {port}, on which the earlier demo in {data} is called, is taken: end what listens there \
                 (a demo that still runs?), or give another --data"
            )
        })?;
        let webhook = Receiver::default();
        kept.port = listener.local_addr()?.port();
        if !kept.secret.is_empty() {
            webhook.notes().secret = Some(kept.secret.clone());
        }
        let mut tasks = JoinSet::new();
        tasks.spawn(webhooks::serve(listener, webhook.clone()));
        let subscribers = Self {
            file,
            kept,
            webhook,
            stream: Receiver::default(),
            tasks,
        };
        subscribers.keep()?;
        Ok(subscribers)
    }

    /// Written aside and renamed: a crash leaves the old file or the new one.
    fn keep(&self) -> anyhow::Result<()> {
        let aside = self.file.with_extension("json.tmp");
        let written = || -> std::io::Result<()> {
            let mut out = std::fs::OpenOptions::new()
                .create(true)
                .truncate(true)
                .write(true)
                .mode(0o600)
                .open(&aside)?;
            out.write_all(serde_json::to_string(&self.kept)?.as_bytes())?;
            out.sync_all()?;
            std::fs::rename(&aside, &self.file)
        };
        written().with_context(|| format!("cannot write {}", self.file.display()))
    }

    /// Subscribes both; in a second run they are the subscriptions of the first.
    pub async fn subscribe(&mut self, office: &Office) -> anyhow::Result<()> {
        let client = office.auditor();
        self.subscribe_webhook(client).await?;
        let everything = CreateSubscriptionRequest {
            request_id: request_id("subscription", "stream"),
            channel: Channel::Stream.into(),
            ..CreateSubscriptionRequest::default()
        };
        let open = StreamDeliveriesRequest {
            subscription: create(client, everything).await?.subscription,
        };
        self.tasks
            .spawn(streams::read(client.clone(), open, self.stream.clone()));
        Ok(())
    }

    async fn subscribe_webhook(&mut self, client: &Client) -> anyhow::Result<()> {
        for number in 0..LOST_MAX {
            let request = CreateSubscriptionRequest {
                request_id: request_id("subscription", &format!("webhook/{number}")),
                filter: BTreeMap::from([("fact".to_owned(), AWARDED.to_owned())]),
                channel: Channel::Webhook.into(),
                endpoint: format!("http://127.0.0.1:{}/demo", self.kept.port),
            };
            let made = create(client, request).await?;
            if !made.secret.is_empty() {
                self.webhook.notes().secret = Some(made.secret.clone());
                (self.kept.subscription, self.kept.secret) = (made.subscription, made.secret);
                return self.keep();
            }
            if made.subscription == self.kept.subscription {
                return Ok(());
            }
            // Made by a run that was ended before it had kept the secret, so before any dossier: nobody was told.
            let request = DeleteSubscriptionRequest {
                request_id: request_id("subscription", &format!("webhook/{number}/delete")),
                subscription: made.subscription,
                etag: String::new(),
            };
            client
                .notification()
                .delete_subscription(request)
                .await
                .map_err(Failure::from)?;
        }
        bail!(
            "{LOST_MAX} runs in {} ended before they had kept a secret: give another --data",
            self.file.display()
        );
    }

    /// Notifications that arrived in this run, each counted once.
    pub fn arrived(&self) -> Arrived {
        let distinct = |receiver: &Receiver| {
            let notes = receiver.notes();
            notes
                .received
                .iter()
                .map(|one| one.delivery.clone())
                .collect::<BTreeSet<_>>()
                .len()
        };
        Arrived {
            webhook: distinct(&self.webhook),
            stream: distinct(&self.stream),
        }
    }

    /// Calls that were not as they must be.
    pub fn complaints(&self) -> Vec<String> {
        self.webhook.notes().complaints.clone()
    }

    /// Waits until nothing is on its way any more; what failed is retried on later simulated days.
    pub async fn settle(&self, office: &Office) -> anyhow::Result<()> {
        let mut open = 0;
        for _ in 0..DAYS_MAX {
            office.quiet().await?;
            open = 0;
            for status in ["pending", "sending", "waiting"] {
                open += deliveries(office.auditor(), status, "").await?;
            }
            if open == 0 {
                return Ok(());
            }
            office.not_before(office.now() + Duration::days(1)).await?;
        }
        bail!("{open} notifications did not arrive within {DAYS_MAX} days: vinhdanh subscription deliveries shows why");
    }

    /// How many were delivered over all runs: to both, and of those to the web server.
    pub async fn delivered(&self, office: &Office) -> anyhow::Result<(usize, usize)> {
        let all = deliveries(office.auditor(), "delivered", "").await?;
        Ok((
            all,
            deliveries(office.auditor(), "delivered", &self.kept.subscription).await?,
        ))
    }
}

async fn create(client: &Client, request: CreateSubscriptionRequest) -> anyhow::Result<Subscription> {
    let made = client
        .notification()
        .create_subscription(request)
        .await
        .map_err(Failure::from);
    let why = "subscribing failed; with REQUEST_ID_REUSED the database holds a demo whose --data is another";
    Ok(made.context(why)?.into_inner())
}

async fn deliveries(client: &Client, status: &str, subscription: &str) -> anyhow::Result<usize> {
    let mut request = ListDeliveriesRequest {
        page_size: 500,
        status: status.to_owned(),
        subscription: subscription.to_owned(),
        ..ListDeliveriesRequest::default()
    };
    let mut count = 0;
    loop {
        let page = client
            .notification()
            .list_deliveries(request.clone())
            .await
            .map_err(Failure::from)?
            .into_inner();
        count += page.deliveries.len();
        if page.next_page_token.is_empty() {
            return Ok(count);
        }
        request.page_token = page.next_page_token;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_run_listens_where_the_first_did_and_says_so_if_it_cannot() {
        let data = tempfile::tempdir().unwrap();
        let first = Subscribers::open(data.path()).await.unwrap();
        let port = first.kept.port;
        let refused = Subscribers::open(data.path()).await.err().unwrap();
        assert!(refused.to_string().starts_with(&format!("port {port}, ")), "{refused}");
        let mut tasks = first.tasks;
        tasks.shutdown().await;
        assert_eq!(Subscribers::open(data.path()).await.unwrap().kept.port, port);
    }
}
