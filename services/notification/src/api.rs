//! gRPC: request → command → reply. Nothing is decided here.

use std::sync::Arc;

use access::{Act, Denied, Principal, Role};
use host::{Call, Engine, Fault, Unit, entropy, paging::Page, principal};
use journal::{Key, Value};
use machine::{Machine as _, Refusal, Snapshot};
use proto::notification::v1::{self, notification_service_server::NotificationService};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use crate::{
    endpoint::Endpoint,
    machine::{
        Channel, Owner,
        delivery::{self, Delivery},
        roll::{self, ROLL, Roll},
        subscription::{self, Subscription},
    },
    sender::SECRET,
    shared::Shared,
    stream, views, webhook,
};

/// Values of a filter are codes and ids.
const FILTER_VALUE_BYTES_MAX: usize = 200;

/// Notification's API.
pub(crate) struct Api {
    pub(crate) shared: Arc<Shared>,
    pub(crate) engine: Engine,
}

fn allowed(who: &Principal) -> Result<(), Fault> {
    access::decide(&access::Request {
        who,
        act: Act::Subscribe,
        agencies: &[],
        candidate_person: None,
    })?;
    Ok(())
}

/// Whether someone sees their own subscriptions only: an agency's officials share theirs, the public does not.
fn is_alone(who: &Principal) -> bool {
    matches!(who.role, Role::Nominee | Role::Subscriber)
}

/// What is not one's own does not exist.
fn owns(who: &Principal, owner: &Owner) -> Result<(), Fault> {
    if who.agency == owner.agency && (!is_alone(who) || who.subject == owner.subject) {
        return Ok(());
    }
    Err(Denied::absent().into())
}

/// A subscription that the caller owns.
fn owned(unit: &mut Unit, who: &Principal, id: &str) -> Result<Arc<Snapshot<Subscription>>, Fault> {
    let at = unit.get::<Subscription>(id)?.ok_or(Denied::absent())?;
    owns(who, &at.data.owner)?;
    Ok(at)
}

fn key(subscription: &str) -> Key {
    Key::new(Subscription::NAME, subscription)
}

/// The subject to filter by, or empty.
fn subject_of(who: &Principal) -> Value {
    Value::Text(if is_alone(who) {
        who.subject.clone()
    } else {
        String::new()
    })
}

impl Api {
    /// The subscription that a request asks for.
    fn wanted(&self, who: &Principal, request: &v1::CreateSubscriptionRequest) -> Result<Subscription, Fault> {
        let channel = match request.channel() {
            v1::Channel::Stream => Channel::Stream,
            v1::Channel::Webhook => Channel::Webhook,
            v1::Channel::Email => Channel::Email,
            v1::Channel::Unspecified => {
                return Err(Fault::field(
                    "INVALID_REQUEST",
                    "channel",
                    "CHANNEL_STREAM, CHANNEL_WEBHOOK or CHANNEL_EMAIL is required",
                ));
            }
        };
        if let Some((name, _)) = request
            .filter
            .iter()
            .find(|(_, value)| value.len() > FILTER_VALUE_BYTES_MAX)
        {
            let what = format!("at most {FILTER_VALUE_BYTES_MAX} bytes");
            return Err(Fault::field("INVALID_REQUEST", format!("filter.{name}"), what));
        }
        match channel {
            Channel::Stream => {}
            Channel::Webhook => {
                Endpoint::parse(&request.endpoint, self.shared.config.webhook_private)
                    .map_err(|what| Fault::field("BAD_ENDPOINT", "endpoint", what))?;
            }
            Channel::Email => {
                let Some(relay) = &self.shared.relay else {
                    let what = "set smtp and from in the section [mail] of the notification service's configuration";
                    return Err(Fault::refused("MAIL_NOT_SET_UP", what));
                };
                relay
                    .recipient(&request.endpoint)
                    .map_err(|what| Fault::field("BAD_ENDPOINT", "endpoint", what))?;
            }
        }
        Ok(Subscription {
            owner: Owner {
                agency: who.agency.clone(),
                subject: who.subject.clone(),
            },
            filter: request.filter.clone(),
            channel,
            endpoint: request.endpoint.clone(),
        })
    }

    /// Makes a subscription. Its secret lies in its sealed box, not in its history and not in the answer that is kept
    /// for repeats: only the call that made it shows it. Who lost that answer deletes the subscription and makes
    /// another.
    async fn create(&self, who: Principal, request: v1::CreateSubscriptionRequest) -> Result<v1::Subscription, Fault> {
        allowed(&who)?;
        let wanted = self.wanted(&who, &request)?;
        let call = Call::new(who, "notification/CreateSubscription", &request.request_id, &request)?;
        // Not in the body: it may run more than once, and must mean the same subscription each time.
        let (id, secret) = (entropy::fresh_id(), entropy::random::<32>());
        let is_webhook = wanted.channel == Channel::Webhook;
        let hint = vec![Key::new(Roll::NAME, ROLL), key(&id)];
        let body = |unit: &mut Unit| {
            let made = unit.step::<Subscription>(&id, subscription::Input::Create(wanted.clone()))?;
            unit.step::<Roll>(ROLL, roll::Input::Joined)?;
            if is_webhook {
                unit.seal::<Subscription>(&id, SECRET, secret.to_vec());
            }
            let version = unit.version::<Subscription>(&id)?;
            Ok(views::subscription(&id, version, &made))
        };
        let mut reply = self.engine.act(&call, hint, body).await?;
        self.reload().await;
        if is_webhook {
            let sealed = self.engine.journal().store().sealed(&key(&reply.subscription)).await?;
            if sealed.iter().any(|(name, value)| name == SECRET && *value == secret) {
                reply.secret = webhook::shown(&secret);
            }
        }
        Ok(reply)
    }

    async fn delete(&self, who: Principal, request: v1::DeleteSubscriptionRequest) -> Result<v1::Subscription, Fault> {
        allowed(&who)?;
        let call = Call::new(
            who.clone(),
            "notification/DeleteSubscription",
            &request.request_id,
            &request,
        )?;
        let id = request.subscription.as_str();
        let hint = vec![Key::new(Roll::NAME, ROLL), key(id)];
        let body = |unit: &mut Unit| {
            owned(unit, &who, id)?;
            unit.check_etag::<Subscription>(id, &request.etag)?;
            let ended = unit.step::<Subscription>(id, subscription::Input::Delete)?;
            unit.step::<Roll>(ROLL, roll::Input::Left)?;
            unit.destroy_box::<Subscription>(id);
            let version = unit.version::<Subscription>(id)?;
            Ok(views::subscription(id, version, &ended))
        };
        let reply = self.engine.act(&call, hint, body).await?;
        self.reload().await;
        Ok(reply)
    }

    /// The change is durable already. If it cannot be read now, the first event that meets the old census has it read.
    async fn reload(&self) {
        if let Err(fault) = self.shared.reload(&self.engine).await {
            tracing::warn!(%fault, "subscriptions are read again later");
        }
    }

    async fn one(&self, who: &Principal, id: &str) -> Result<v1::Subscription, Fault> {
        allowed(who)?;
        let read = |unit: &mut Unit| {
            let at = owned(unit, who, id)?;
            Ok(views::subscription(id, unit.version::<Subscription>(id)?, &at))
        };
        self.engine.read(who, vec![key(id)], read).await
    }

    async fn subscriptions(
        &self,
        who: &Principal,
        request: v1::ListSubscriptionsRequest,
    ) -> Result<v1::ListSubscriptionsResponse, Fault> {
        allowed(who)?;
        let page = Page::read(request.page_size, &request.page_token, "subscriptions")?;
        let args = [
            Value::Text(who.agency.clone()),
            subject_of(who),
            Value::Text(page.after.clone()),
            Value::Int(page.limit()),
        ];
        let rows = self.engine.journal().store().query(views::SUBSCRIPTIONS, &args).await?;
        let mut subscriptions: Vec<v1::Subscription> = rows
            .iter()
            .map(|row| views::body("subscription", row))
            .collect::<Result<_, _>>()?;
        let next_page_token = page.cut(&mut subscriptions, |one| one.subscription.clone());
        Ok(v1::ListSubscriptionsResponse {
            subscriptions,
            next_page_token,
        })
    }

    async fn deliveries(
        &self,
        who: &Principal,
        request: v1::ListDeliveriesRequest,
    ) -> Result<v1::ListDeliveriesResponse, Fault> {
        allowed(who)?;
        let known = [
            "",
            "pending",
            "sending",
            "delivered",
            "waiting",
            "parked",
            "suppressed",
            "dead",
        ];
        if !known.contains(&request.status.as_str()) {
            return Err(Fault::field(
                "INVALID_REQUEST",
                "status",
                format!("one of{} is required", known.join(" ")),
            ));
        }
        let query = format!("deliveries/{}/{}", request.subscription, request.status);
        let page = Page::read(request.page_size, &request.page_token, &query)?;
        let args = [
            Value::Text(who.agency.clone()),
            subject_of(who),
            Value::Text(request.subscription),
            Value::Text(request.status),
            Value::Text(page.after.clone()),
            Value::Int(page.limit()),
        ];
        let rows = self.engine.journal().store().query(views::DELIVERIES, &args).await?;
        let read = |row| Ok((views::cell(row, 0)?.to_owned(), views::body("delivery", row)?));
        let mut placed: Vec<(String, v1::Delivery)> = rows.iter().map(read).collect::<Result<_, Fault>>()?;
        let next_page_token = page.cut(&mut placed, |(place, _)| place.clone());
        let deliveries = placed.into_iter().map(|(_, delivery)| delivery).collect();
        Ok(v1::ListDeliveriesResponse {
            deliveries,
            next_page_token,
        })
    }

    async fn acknowledge(
        &self,
        who: Principal,
        request: v1::AcknowledgeDeliveryRequest,
    ) -> Result<v1::Delivery, Fault> {
        allowed(&who)?;
        let call = Call::new(
            who.clone(),
            "notification/AcknowledgeDelivery",
            &request.request_id,
            &request,
        )?;
        let id = request.delivery.as_str();
        let body = |unit: &mut Unit| {
            let at = unit.get::<Delivery>(id)?.ok_or(Denied::absent())?;
            owns(&who, &at.data.owner)?;
            let acknowledged = unit.step::<Delivery>(id, delivery::Input::Acknowledge)?;
            Ok(views::delivery(id, &acknowledged))
        };
        self.engine.act(&call, vec![Key::new(Delivery::NAME, id)], body).await
    }

    async fn retry(&self, who: Principal, request: v1::RetryDeliveryRequest) -> Result<v1::Delivery, Fault> {
        allowed(&who)?;
        let call = Call::new(who.clone(), "notification/RetryDelivery", &request.request_id, &request)?;
        let id = request.delivery.as_str();
        let body = |unit: &mut Unit| {
            let at = unit.get::<Delivery>(id)?.ok_or(Denied::absent())?;
            owns(&who, &at.data.owner)?;
            let subscription = unit.get::<Subscription>(&at.data.subscription)?;
            if subscription.is_none_or(|at| at.state != subscription::State::Active) {
                let what = format!("subscription {} of delivery {id} ended", at.data.subscription);
                return Err(Fault::refused(Refusal::NOT_ALLOWED_NOW, what));
            }
            let pending = unit.step::<Delivery>(id, delivery::Input::Retry)?;
            Ok(views::delivery(id, &pending))
        };
        let reply = self.engine.act(&call, vec![Key::new(Delivery::NAME, id)], body).await?;
        self.shared.ring();
        Ok(reply)
    }

    async fn stream(&self, who: &Principal, id: &str) -> Result<ReceiverStream<Result<v1::Delivery, Status>>, Fault> {
        allowed(who)?;
        let read = |unit: &mut Unit| owned(unit, who, id).map(|at| at.data.channel);
        if self.engine.read(who, vec![key(id)], read).await? != Channel::Stream {
            return Err(Fault::field(
                "INVALID_REQUEST",
                "subscription",
                "it is a webhook or an e-mail: nothing is streamed",
            ));
        }
        Ok(stream::open(
            Arc::clone(&self.shared),
            self.engine.clone(),
            id.to_owned(),
        ))
    }
}

#[tonic::async_trait]
impl NotificationService for Api {
    type StreamDeliveriesStream = ReceiverStream<Result<v1::Delivery, Status>>;

    async fn create_subscription(
        &self,
        request: Request<v1::CreateSubscriptionRequest>,
    ) -> Result<Response<v1::Subscription>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.create(who, request.into_inner()).await?))
    }

    async fn get_subscription(
        &self,
        request: Request<v1::GetSubscriptionRequest>,
    ) -> Result<Response<v1::Subscription>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.one(&who, &request.into_inner().subscription).await?))
    }

    async fn list_subscriptions(
        &self,
        request: Request<v1::ListSubscriptionsRequest>,
    ) -> Result<Response<v1::ListSubscriptionsResponse>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.subscriptions(&who, request.into_inner()).await?))
    }

    async fn delete_subscription(
        &self,
        request: Request<v1::DeleteSubscriptionRequest>,
    ) -> Result<Response<v1::Subscription>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.delete(who, request.into_inner()).await?))
    }

    async fn list_deliveries(
        &self,
        request: Request<v1::ListDeliveriesRequest>,
    ) -> Result<Response<v1::ListDeliveriesResponse>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.deliveries(&who, request.into_inner()).await?))
    }

    async fn stream_deliveries(
        &self,
        request: Request<v1::StreamDeliveriesRequest>,
    ) -> Result<Response<Self::StreamDeliveriesStream>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(
            self.stream(&who, &request.into_inner().subscription).await?,
        ))
    }

    async fn acknowledge_delivery(
        &self,
        request: Request<v1::AcknowledgeDeliveryRequest>,
    ) -> Result<Response<v1::Delivery>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.acknowledge(who, request.into_inner()).await?))
    }

    async fn retry_delivery(
        &self,
        request: Request<v1::RetryDeliveryRequest>,
    ) -> Result<Response<v1::Delivery>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.retry(who, request.into_inner()).await?))
    }
}
