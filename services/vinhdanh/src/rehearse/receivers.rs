//! The rehearsal's own subscribers: a web server for webhooks, a mail server, and readers of streams, which note what
//! they get.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Context;
use host::entropy::fresh_id;
use proto::notification::v1::{
    Channel as ApiChannel, CreateSubscriptionRequest, ListDeliveriesRequest, StreamDeliveriesRequest,
};
use tokio::{net::TcpListener, task::JoinSet};

use super::{
    mailboxes::Mailboxes,
    player::Trouble,
    streams,
    values::{Answer, Channel},
    verbs::Subscribe,
    webhooks,
};
use crate::client::Client;

/// One call that a receiver took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Constant over retries.
    pub delivery: String,
    /// E.g. `dossier.awarded`.
    pub fact: String,
}

/// What one receiver knows and notes; shared with the task that serves it.
#[derive(Default)]
pub struct Notes {
    /// How it answers its next calls; none left: 200.
    pub answers: VecDeque<Answer>,
    /// What calls are signed with, once the subscription exists.
    pub secret: Option<String>,
    /// In the order of arrival.
    pub received: Vec<Received>,
    /// Calls that were not as they must be.
    pub complaints: Vec<String>,
}

/// A receiver, shared.
#[derive(Clone, Default)]
pub struct Receiver(Arc<Mutex<Notes>>);

impl Receiver {
    /// Its notes. A task that panicked while it held them left nothing half done.
    pub fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All receivers of a rehearsal; dropping them ends their tasks.
#[derive(Default)]
pub struct Receivers {
    by_name: BTreeMap<String, Receiver>,
    subscriptions: BTreeMap<String, Subscription>,
    tasks: JoinSet<()>,
    mailboxes: Option<Mailboxes>,
}

struct Subscription {
    id: String,
    /// As whoever subscribed: deliveries are for their eyes.
    client: Client,
}

/// What a subscriber got, and what the service says of the rest.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Got {
    /// Calls taken.
    pub count: usize,
    /// Different deliveries among them.
    pub distinct: usize,
    /// What they told.
    pub facts: BTreeSet<String>,
    /// Deliveries that the service has parked.
    pub parked: usize,
    /// Deliveries that the service gave up.
    pub dead: usize,
    /// Calls that were not as they must be, e.g. badly signed.
    pub complaints: Vec<String>,
}

impl Receivers {
    /// Receivers with a mail server, if the services know of one.
    pub fn new(mailboxes: Option<Mailboxes>) -> Self {
        Self {
            mailboxes,
            ..Self::default()
        }
    }

    /// Whether nobody has subscribed.
    pub fn is_empty(&self) -> bool {
        self.subscriptions.is_empty()
    }

    /// Sets how a receiver answers its next calls.
    pub fn answer_next(&mut self, name: &str, answers: &[Answer]) {
        self.named(name).notes().answers = answers.iter().copied().collect();
    }

    fn named(&mut self, name: &str) -> Receiver {
        self.by_name.entry(name.to_owned()).or_default().clone()
    }

    /// Subscribes, with a receiver of the rehearsal's own behind it.
    pub async fn subscribe(
        &mut self,
        subscribe: &Subscribe,
        filter: BTreeMap<String, String>,
        client: &Client,
    ) -> Result<(), Trouble> {
        let receiver = self.named(&subscribe.id);
        let mut request = CreateSubscriptionRequest {
            request_id: fresh_id(),
            filter,
            ..CreateSubscriptionRequest::default()
        };
        let mut listener = None;
        match subscribe.channel {
            Channel::Stream => request.set_channel(ApiChannel::Stream),
            Channel::Email => {
                let mailboxes = self.mailboxes.as_ref().context(
                    "`channel: email` exists only in services started for a rehearsal, which know its mail server: \
                     play the file without --server",
                )?;
                request.set_channel(ApiChannel::Email);
                request.endpoint = mailboxes.give(&receiver);
            }
            Channel::Webhook => {
                let bound = TcpListener::bind("127.0.0.1:0")
                    .await
                    .context("no port for a webhook receiver")?;
                let address = bound.local_addr().context("a webhook receiver has no address")?;
                request.set_channel(ApiChannel::Webhook);
                request.endpoint = format!("http://{address}/{}", subscribe.id);
                listener = Some(bound);
            }
        }
        let made = client.notification().create_subscription(request).await?.into_inner();
        receiver.notes().secret = Some(made.secret);
        if let Some(listener) = listener {
            self.tasks.spawn(webhooks::serve(listener, receiver));
        } else if subscribe.channel == Channel::Stream {
            let open = StreamDeliveriesRequest {
                subscription: made.subscription.clone(),
            };
            self.tasks.spawn(streams::read(client.clone(), open, receiver));
        }
        let subscription = Subscription {
            id: made.subscription,
            client: client.clone(),
        };
        self.subscriptions.insert(subscribe.id.clone(), subscription);
        Ok(())
    }

    /// What a subscriber has got by now.
    pub async fn got(&self, name: &str) -> Result<Got, Trouble> {
        let subscription = self
            .subscriptions
            .get(name)
            .with_context(|| format!("no step made the subscription {name}"))?;
        let mut got = Got {
            parked: subscription.count("parked").await?,
            dead: subscription.count("dead").await?,
            ..Got::default()
        };
        if let Some(receiver) = self.by_name.get(name) {
            let notes = receiver.notes();
            got.count = notes.received.len();
            got.distinct = notes
                .received
                .iter()
                .map(|one| &one.delivery)
                .collect::<BTreeSet<_>>()
                .len();
            got.facts = notes.received.iter().map(|one| one.fact.clone()).collect();
            got.complaints.clone_from(&notes.complaints);
        }
        Ok(got)
    }
}

impl Subscription {
    async fn count(&self, status: &str) -> Result<usize, Trouble> {
        let mut request = ListDeliveriesRequest {
            page_size: 500,
            subscription: self.id.clone(),
            status: status.to_owned(),
            ..ListDeliveriesRequest::default()
        };
        let mut count = 0;
        loop {
            let page = self
                .client
                .notification()
                .list_deliveries(request.clone())
                .await?
                .into_inner();
            count += page.deliveries.len();
            if page.next_page_token.is_empty() {
                return Ok(count);
            }
            request.page_token = page.next_page_token;
        }
    }
}
