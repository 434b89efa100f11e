//! What the rooms of this process share: the active subscriptions, the bell, and the open streams.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use host::{Engine, Fault};
use journal::{Key, Value};
use machine::Machine as _;
use proto::notification::v1;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    NotificationConfig,
    machine::{
        Channel, Owner,
        roll::{ROLL, Roll},
    },
    mail::Relay,
    views,
};

/// Subscriptions that one query reads.
const PAGE: i64 = 500;

/// An active subscription, as far as a reaction needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Active {
    pub(crate) id: String,
    pub(crate) owner: Owner,
    pub(crate) channel: Channel,
    pub(crate) filter: BTreeMap<String, String>,
}

/// All active subscriptions at one version of the roll.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Census {
    pub(crate) roll: u64,
    pub(crate) active: Vec<Active>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: NotificationConfig,
    /// The way to the mail server, if one is set up.
    pub(crate) relay: Option<Relay>,
    census: RwLock<Arc<Census>>,
    /// Somebody met an outdated census.
    pub(crate) outdated: Notify,
    bell: watch::Sender<u64>,
    open: Mutex<HashMap<String, u32>>,
    /// The process is about to end: streams end first.
    pub(crate) ending: CancellationToken,
}

impl Shared {
    pub(crate) fn new(config: NotificationConfig) -> Self {
        Self {
            relay: config.mail.clone().map(Relay::new),
            config,
            census: RwLock::default(),
            outdated: Notify::new(),
            bell: watch::Sender::new(0),
            open: Mutex::default(),
            ending: CancellationToken::new(),
        }
    }

    /// The active subscriptions, as last read.
    pub(crate) fn census(&self) -> Arc<Census> {
        Arc::clone(&self.census.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads them anew.
    pub(crate) async fn reload(&self, engine: &Engine) -> Result<(), Fault> {
        let mut roll = roll(engine).await?;
        let census = loop {
            let active = active(engine).await?;
            let after = self::roll(engine).await?;
            if after == roll {
                break Census { roll, active };
            }
            roll = after;
        };
        let mut known = self.census.write().unwrap_or_else(PoisonError::into_inner);
        if census.roll >= known.roll {
            *known = Arc::new(census);
        }
        drop(known);
        self.ring();
        Ok(())
    }

    /// There may be something to send now, or in a moment: who rings is not always done with its commit.
    pub(crate) fn ring(&self) {
        self.bell.send_modify(|rung| *rung = rung.wrapping_add(1));
    }

    /// Listens to the bell, and to the timers of this process.
    pub(crate) fn listen(&self, engine: &Engine) -> Listener {
        Listener {
            bell: self.bell.subscribe(),
            timers: engine.journal().timers_changed(),
            pause: Listener::SHORTEST,
        }
    }

    /// Counts a stream as open until the guard is dropped.
    pub(crate) fn opened(self: &Arc<Self>, subscription: &str) -> OpenStream {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        *open.entry(subscription.to_owned()).or_default() += 1;
        OpenStream {
            shared: Arc::clone(self),
            subscription: subscription.to_owned(),
        }
    }

    /// What is to be sent, is being sent, or waits for the acknowledgement of somebody who is there.
    pub(crate) async fn under_way(&self, engine: &Engine) -> Result<u32, Fault> {
        let store = engine.journal().store();
        let mut all = views::count(&store.query(views::UNDER_WAY, &[]).await?)?;
        let open: Vec<String> = self
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .keys()
            .cloned()
            .collect();
        for subscription in open {
            let rows = store
                .query(views::HOW_MANY_PENDING, &[Value::Text(subscription)])
                .await?;
            all = all.saturating_add(views::count(&rows)?);
        }
        Ok(all)
    }
}

async fn roll(engine: &Engine) -> Result<u64, Fault> {
    let loaded = engine.journal().store().load(&[Key::new(Roll::NAME, ROLL)]).await?;
    Ok(loaded.into_iter().flatten().next().map_or(0, |loaded| loaded.version))
}

async fn active(engine: &Engine) -> Result<Vec<Active>, Fault> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let rows = engine
            .journal()
            .store()
            .query(views::ACTIVE, &[Value::Text(after.clone()), Value::Int(PAGE)])
            .await?;
        let Some(last) = rows.last() else { return Ok(all) };
        views::cell(last, 0)?.clone_into(&mut after);
        for row in &rows {
            let shown: v1::Subscription = views::body("subscription", row)?;
            let channel = match shown.channel() {
                v1::Channel::Webhook => Channel::Webhook,
                v1::Channel::Email => Channel::Email,
                v1::Channel::Stream | v1::Channel::Unspecified => Channel::Stream,
            };
            let owner = Owner {
                agency: shown.agency,
                subject: views::cell(row, 2)?.to_owned(),
            };
            all.push(Active {
                id: shown.subscription,
                owner,
                channel,
                filter: shown.filter,
            });
        }
    }
}

/// A stream that somebody listens to.
#[derive(Debug)]
pub(crate) struct OpenStream {
    shared: Arc<Shared>,
    subscription: String,
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.subscription) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.subscription);
            }
        }
    }
}

/// When to look again. The bell rings a moment before the commit that it announces, and other replicas do not ring it
/// at all: so after it the pauses are short, and grow.
#[derive(Debug)]
pub(crate) struct Listener {
    bell: watch::Receiver<u64>,
    timers: watch::Receiver<u64>,
    pause: Duration,
}

impl Listener {
    const SHORTEST: Duration = Duration::from_millis(4);
    const LONGEST: Duration = Duration::from_secs(2);

    /// Something was found: more may come soon.
    pub(crate) fn found(&mut self) {
        self.pause = Self::SHORTEST;
    }

    /// Returns when it is time to look again.
    pub(crate) async fn wait(&mut self) {
        let rung = tokio::select! {
            biased;
            rung = self.bell.changed() => rung,
            rung = self.timers.changed() => rung,
            () = tokio::time::sleep(self.pause) => {
                self.pause = (self.pause * 2).min(Self::LONGEST);
                return;
            }
        };
        match rung {
            Ok(()) => self.pause = Self::SHORTEST,
            // The writer of the journal is gone: the process ends, or the next query says what is wrong.
            Err(_) => tokio::time::sleep(self.pause).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_open_until_the_last_of_its_guards_is_dropped() {
        let shared = Arc::new(Shared::new(NotificationConfig::default()));
        let (one, other) = (shared.opened("s"), shared.opened("s"));
        drop(one);
        assert!(shared.open.lock().expect("not poisoned").contains_key("s"));
        drop(other);
        assert!(shared.open.lock().expect("not poisoned").is_empty());
    }
}
