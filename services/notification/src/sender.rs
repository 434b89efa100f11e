//! The worker that calls webhooks and hands e-mail over: what is pending is claimed by a step of its machine, called, and concluded by
//! another. Whoever dies in between leaves a lease behind that runs out.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use host::{Engine, Fault, Unit};
use journal::{Key, Value};
use machine::Machine as _;
use mishap::Point;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    answer::Answer,
    machine::{
        Channel,
        delivery::{Delivery, Input},
        roll::{self, ROLL, Roll},
        subscription::{self, Subscription},
    },
    mail,
    shared::Shared,
    views,
    webhook::{self, Caller, Message},
};

/// Calls at once.
const CALLS_MAX: usize = 16;
/// Calls at once to one endpoint: a slow one must not take all.
const CALLS_PER_ENDPOINT_MAX: usize = 4;
/// Subscriptions that one look takes in.
const SUBSCRIPTIONS_PER_LOOK: i64 = 256;
/// Deliveries that are suppressed or taken back at once.
const AT_ONCE: i64 = 64;
/// How long calls under way may go on when the process ends; then their leases tell.
const LAST_WORD_MAX: Duration = Duration::from_secs(3);
/// How long a worker rests after the store failed it.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// The name of a webhook's secret in its subscription's sealed box.
pub(crate) const SECRET: &str = "secret";

/// Calls until `stop`.
pub(crate) async fn run(shared: Arc<Shared>, engine: Engine, stop: CancellationToken) {
    let caller = Caller::new(shared.config.webhook_private);
    let mut sender = Sender {
        shared,
        engine,
        caller,
        calls: JoinSet::new(),
        claimed: HashMap::new(),
        swept: None,
    };
    let mut listener = sender.shared.listen(&sender.engine);
    loop {
        match sender.look().await {
            Ok(0) => {}
            Ok(_) => listener.found(),
            Err(fault) => tracing::warn!(%fault, "webhooks and e-mail wait for the store"),
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(ended) = sender.calls.join_next() => sender.forget(ended),
            () = listener.wait() => {}
        }
    }
    let last_words = async { while sender.calls.join_next().await.is_some() {} };
    if tokio::time::timeout(LAST_WORD_MAX, last_words).await.is_err() {
        tracing::info!("calls are cut off; they are tried again");
    }
}

/// Takes back what a process before this one was sending. Only on a simulated clock, which leases cannot run out on by
/// themselves; another replica may be sending it still, whose word then comes twice.
pub(crate) async fn recover(engine: &Engine) -> Result<(), Fault> {
    let mut after = String::new();
    loop {
        let args = [Value::Text(after.clone()), Value::Int(AT_ONCE)];
        let rows = engine.journal().store().query(views::SENDING, &args).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        views::cell(last, 0)?.clone_into(&mut after);
        for row in &rows {
            let id = views::cell(row, 0)?;
            let body = |unit: &mut Unit| unit.step::<Delivery>(id, Input::Due).map(|_| ());
            match engine.work("restart", vec![Key::new(Delivery::NAME, id)], body).await {
                // Another replica has concluded it meanwhile.
                Ok(()) | Err(Fault::Refused { .. }) => {}
                Err(fault) => return Err(fault),
            }
        }
    }
}

struct Sender {
    shared: Arc<Shared>,
    engine: Engine,
    caller: Caller,
    calls: JoinSet<String>,
    /// Delivery → endpoint.
    claimed: HashMap<String, String>,
    /// The roll's version up to which nothing is left over.
    swept: Option<u64>,
}

impl Sender {
    fn forget(&mut self, ended: Result<String, tokio::task::JoinError>) {
        match ended {
            Ok(delivery) => _ = self.claimed.remove(&delivery),
            Err(error) => {
                // It cannot say which it was; what still runs is known by its own id, so only the limit suffers.
                tracing::error!(%error, "a call ended in panic");
            }
        }
        if self.calls.is_empty() {
            self.claimed.clear();
        }
    }

    /// Begins what there is room for; how much that was.
    async fn look(&mut self) -> Result<usize, Fault> {
        if let Err(fault) = self.sweep().await {
            tracing::warn!(%fault, "deliveries of ended subscriptions are suppressed later");
        }
        let store = Arc::clone(self.engine.journal().store());
        let mut begun = 0;
        for row in store
            .query(views::TO_SEND, &[Value::Int(SUBSCRIPTIONS_PER_LOOK)])
            .await?
        {
            let (subscription, endpoint) = (views::cell(&row, 0)?, views::cell(&row, 1)?);
            let room = self.room(endpoint);
            if room == 0 {
                continue;
            }
            // Those that are claimed and not yet seen as sending are among the first pending ones.
            let args = [
                Value::Text(subscription.to_owned()),
                Value::Int((CALLS_PER_ENDPOINT_MAX * 2) as i64),
            ];
            let pending = store.query(views::PENDING, &args).await?;
            let ids = pending
                .iter()
                .map(|row| views::cell(row, 0))
                .collect::<Result<Vec<_>, _>>()?;
            let free: Vec<&str> = ids
                .into_iter()
                .filter(|delivery| !self.claimed.contains_key(*delivery))
                .take(room)
                .collect();
            begun += free.len();
            for delivery in free {
                self.claimed.insert(delivery.to_owned(), endpoint.to_owned());
                self.begin(delivery.to_owned(), subscription.to_owned());
            }
        }
        Ok(begun)
    }

    /// How many calls to an endpoint may begin now.
    fn room(&self, endpoint: &str) -> usize {
        let under_way = self.claimed.values().filter(|called| *called == endpoint).count();
        CALLS_PER_ENDPOINT_MAX
            .saturating_sub(under_way)
            .min(CALLS_MAX.saturating_sub(self.calls.len()))
    }

    fn begin(&mut self, delivery: String, subscription: String) {
        let call = Call {
            shared: Arc::clone(&self.shared),
            engine: self.engine.clone(),
            caller: self.caller.clone(),
            delivery,
            subscription,
        };
        self.calls.spawn(async move {
            if let Err(fault) = call.make().await {
                tracing::warn!(delivery = call.delivery, %fault, "a call was not recorded; its lease brings it back");
                // The store needs a moment; asking at once would only add to what ails it.
                tokio::time::sleep(STORE_PAUSE).await;
            }
            call.delivery
        });
    }

    /// Suppresses what waits although its subscription ended.
    async fn sweep(&mut self) -> Result<(), Fault> {
        let roll = self.shared.census().roll;
        if self.swept == Some(roll) {
            return Ok(());
        }
        loop {
            let rows = self
                .engine
                .journal()
                .store()
                .query(views::LEFT_OVER, &[Value::Int(AT_ONCE)])
                .await?;
            if rows.is_empty() {
                self.swept = Some(roll);
                return Ok(());
            }
            let ids: HashSet<String> = rows
                .iter()
                .map(|row| views::cell(row, 0).map(str::to_owned))
                .collect::<Result<_, _>>()?;
            let hint = ids.iter().map(|id| Key::new(Delivery::NAME, id)).collect();
            let body = |unit: &mut Unit| ids.iter().try_for_each(|id| suppress(unit, id));
            self.engine.work("subscription ended", hint, body).await?;
        }
    }
}

/// One that was concluded meanwhile needs no suppression.
fn suppress(unit: &mut Unit, delivery: &str) -> Result<(), Fault> {
    let because = "the subscription ended".to_owned();
    match unit.step::<Delivery>(delivery, Input::Suppress { because }) {
        Ok(_) | Err(Fault::Refused { .. }) => Ok(()),
        Err(fault) => Err(fault),
    }
}

struct Call {
    shared: Arc<Shared>,
    engine: Engine,
    caller: Caller,
    delivery: String,
    subscription: String,
}

/// What a claim is good for.
#[derive(Clone)]
struct Claimed {
    endpoint: String,
    delivery: Delivery,
}

impl Call {
    async fn make(&self) -> Result<(), Fault> {
        let Some(claimed) = self.claim().await? else {
            return Ok(());
        };
        let answer = if claimed.delivery.channel == Channel::Email {
            self.write(&claimed).await
        } else {
            self.call(&claimed).await?
        };
        if let Answer::Taken(_) = answer {
            mishap::at(if claimed.delivery.channel == Channel::Email {
                Point::C9
            } else {
                Point::C8
            });
        }
        let attempt = claimed.delivery.attempts;
        tracing::info!(delivery = self.delivery, attempt, ?answer, "attempted");
        match answer {
            Answer::Taken(result) => self.conclude(Input::Succeeded { result }).await,
            Answer::Refused(result) => self.conclude(Input::Refused { attempt, result }).await,
            Answer::Failed { result, retry_after_s } => {
                let failed = Input::Failed {
                    attempt,
                    result,
                    retry_after_s,
                };
                self.conclude(failed).await
            }
            Answer::Gone => self.end().await,
        }
    }

    async fn call(&self, claimed: &Claimed) -> Result<Answer, Fault> {
        Ok(match self.message(claimed).await? {
            Some(message) => self.caller.call(&claimed.endpoint, message).await,
            // The secret goes with the subscription: it ended since the claim.
            None => Answer::Gone,
        })
    }

    async fn write(&self, claimed: &Claimed) -> Answer {
        match &self.shared.relay {
            Some(relay) => mail::send(relay, &claimed.endpoint, &claimed.delivery).await,
            None => Answer::failed("no mail server is set up"),
        }
    }

    /// Takes the attempt on itself; `None` if another did, or if there is nobody to call any more.
    async fn claim(&self) -> Result<Option<Claimed>, Fault> {
        let claimed = Mutex::new(None);
        let keep = |value| *claimed.lock().unwrap_or_else(PoisonError::into_inner) = value;
        let hint = vec![
            Key::new(Delivery::NAME, &self.delivery),
            Key::new(Subscription::NAME, &self.subscription),
        ];
        let done = self.engine.work("delivery", hint, |unit| {
            keep(None);
            let subscription = unit.get::<Subscription>(&self.subscription)?;
            let Some(active) = subscription.filter(|at| at.state == subscription::State::Active) else {
                return suppress(unit, &self.delivery);
            };
            let delivery = unit.step::<Delivery>(&self.delivery, Input::Attempt)?;
            keep(Some(Claimed {
                endpoint: active.data.endpoint.clone(),
                delivery: delivery.data.clone(),
            }));
            Ok(())
        });
        match done.await {
            Ok(()) => Ok(claimed.into_inner().unwrap_or_else(PoisonError::into_inner)),
            Err(Fault::Refused { .. }) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    async fn message(&self, claimed: &Claimed) -> Result<Option<Message>, Fault> {
        let key = Key::new(Subscription::NAME, &self.subscription);
        let sealed = self.engine.journal().store().sealed(&key).await?;
        Ok(sealed
            .into_iter()
            .find(|(name, _)| name == SECRET)
            .map(|(_, secret)| Message {
                id: self.delivery.clone(),
                timestamp_s: self.engine.clock().now().0.div_euclid(1_000_000),
                body: webhook::body(&self.delivery, &claimed.delivery.notice),
                secret,
            }))
    }

    /// A refusal means that the lease ran out and others have taken over: their word counts.
    async fn conclude(&self, input: Input) -> Result<(), Fault> {
        let hint = vec![Key::new(Delivery::NAME, &self.delivery)];
        let body = |unit: &mut Unit| unit.step::<Delivery>(&self.delivery, input.clone()).map(|_| ());
        match self.engine.work("delivery", hint, body).await {
            Err(Fault::Refused { .. }) => Ok(()),
            concluded => concluded,
        }
    }

    /// The endpoint is gone for good: so is its subscription, with all that still waits.
    async fn end(&self) -> Result<(), Fault> {
        let hint = vec![
            Key::new(Delivery::NAME, &self.delivery),
            Key::new(Subscription::NAME, &self.subscription),
            Key::new(Roll::NAME, ROLL),
        ];
        let body = |unit: &mut Unit| {
            suppress(unit, &self.delivery)?;
            let subscription = unit.get::<Subscription>(&self.subscription)?;
            if subscription.is_some_and(|at| at.state == subscription::State::Active) {
                unit.step::<Subscription>(&self.subscription, subscription::Input::EndpointGone)?;
                unit.step::<Roll>(ROLL, roll::Input::Left)?;
                unit.destroy_box::<Subscription>(&self.subscription);
            }
            Ok(())
        };
        self.engine.work("endpoint gone", hint, body).await?;
        self.shared.reload(&self.engine).await
    }
}
