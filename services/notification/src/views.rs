//! The read model: subscriptions, deliveries, and what is to be sent.

use host::{Aggregate, Fault, Published};
use journal::{Row, Sql, StoreError, Value, Write, packed};
use machine::{Snapshot, Timestamp};
use prost::Message;
use proto::notification::v1;

use crate::machine::{
    Channel,
    delivery::{self, Delivery, Fact},
    roll::Roll,
    subscription::{self, Nothing, Subscription},
};

const PUT_SUBSCRIPTION: Sql = "INSERT INTO subscription (id, agency, subject, status, endpoint, body, version) \
                               VALUES ($1, $2, $3, $4, $5, $6, $7) \
                               ON CONFLICT (id) DO UPDATE SET status = excluded.status, body = excluded.body, \
                               version = excluded.version";

const PUT_DELIVERY: Sql = "INSERT INTO delivery \
                           (id, place, subscription, agency, subject, channel, status, body, version) \
                           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
                           ON CONFLICT (id) DO UPDATE SET status = excluded.status, body = excluded.body, \
                           version = excluded.version";

/// Active subscriptions after an id: id, body, subject.
pub(crate) const ACTIVE: Sql = "SELECT id, body, subject FROM subscription \
                                WHERE status = 'active' AND id > $1 ORDER BY id LIMIT $2";

/// Subscriptions of an agency (and of a subject, if it is not empty) after an id: id, body.
pub(crate) const SUBSCRIPTIONS: Sql = "SELECT id, body FROM subscription WHERE agency = $1 \
                                       AND ($2 = '' OR subject = $2) AND id > $3 ORDER BY id LIMIT $4";

/// Deliveries of an agency (a subject, a subscription, a status) after a place: place, body.
pub(crate) const DELIVERIES: Sql = "SELECT place, body FROM delivery WHERE agency = $1 \
                                    AND ($2 = '' OR subject = $2) AND ($3 = '' OR subscription = $3) \
                                    AND ($4 = '' OR status = $4) AND place > $5 ORDER BY place LIMIT $6";

/// The first pending deliveries of one subscription: id, body.
pub(crate) const PENDING: Sql = "SELECT id, body FROM delivery \
                                 WHERE subscription = $1 AND status = 'pending' ORDER BY place LIMIT $2";

/// Subscriptions that we bring something to, and have something to send, longest waiting first: id, endpoint.
pub(crate) const TO_SEND: Sql = "SELECT d.subscription, s.endpoint FROM delivery d \
                                 JOIN subscription s ON s.id = d.subscription \
                                 WHERE d.channel IN ('webhook', 'email') AND d.status = 'pending' \
                                 GROUP BY d.subscription, s.endpoint ORDER BY MIN(d.place) LIMIT $1";

/// How many deliveries are to be sent or being sent.
pub(crate) const UNDER_WAY: Sql = "SELECT COUNT(*) FROM delivery \
                                   WHERE channel IN ('webhook', 'email') AND status IN ('pending', 'sending')";

/// How many deliveries of one subscription are pending.
pub(crate) const HOW_MANY_PENDING: Sql = "SELECT COUNT(*) FROM delivery WHERE subscription = $1 AND status = 'pending'";

/// Deliveries after an id that are being sent: id.
pub(crate) const SENDING: Sql = "SELECT id FROM delivery WHERE channel IN ('webhook', 'email') AND status = 'sending' \
                                 AND id > $1 ORDER BY id LIMIT $2";

/// Deliveries that wait although their subscription ended: id.
pub(crate) const LEFT_OVER: Sql = "SELECT d.id FROM delivery d JOIN subscription s ON s.id = d.subscription \
                                   WHERE s.status = 'ended' AND d.status IN ('pending', 'waiting') LIMIT $1";

/// Every statement of this room.
pub(crate) const STATEMENTS: &[Sql] = &[
    PUT_SUBSCRIPTION,
    PUT_DELIVERY,
    ACTIVE,
    SUBSCRIPTIONS,
    DELIVERIES,
    PENDING,
    TO_SEND,
    UNDER_WAY,
    HOW_MANY_PENDING,
    SENDING,
    LEFT_OVER,
];

/// A subscription as the API shows it; never with its secret.
pub(crate) fn subscription(id: &str, version: u64, at: &Snapshot<Subscription>) -> v1::Subscription {
    let channel = match at.data.channel {
        Channel::Stream => v1::Channel::Stream,
        Channel::Webhook => v1::Channel::Webhook,
        Channel::Email => v1::Channel::Email,
    };
    v1::Subscription {
        subscription: id.to_owned(),
        filter: at.data.filter.clone(),
        channel: channel.into(),
        endpoint: at.data.endpoint.clone(),
        secret: String::new(),
        status: status_of(&at.state).to_owned(),
        etag: version.to_string(),
        agency: at.data.owner.agency.clone(),
    }
}

fn status_of(state: &subscription::State) -> &'static str {
    match state {
        subscription::State::New => "",
        subscription::State::Active => "active",
        subscription::State::Ended => "ended",
    }
}

/// A delivery as the API shows it.
pub(crate) fn delivery(id: &str, at: &Snapshot<Delivery>) -> v1::Delivery {
    let (data, notice) = (&at.data, &at.data.notice);
    let next_attempt_at = match at.state {
        delivery::State::Waiting { until } => until.0,
        _ => 0,
    };
    let last_result = match &at.state {
        delivery::State::Suppressed { because } => because,
        _ => &data.last_result,
    };
    v1::Delivery {
        delivery: id.to_owned(),
        subscription: data.subscription.clone(),
        fact: notice.fact.clone(),
        dossier: notice.dossier.clone(),
        status: at.state_name(),
        attempts: data.attempts,
        last_result: last_result.clone(),
        at: notice.at.0,
        next_attempt_at,
        award: notice.award.clone(),
        agency: notice.agency.clone(),
        level: notice.level.clone(),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn message(message: &impl Message) -> Value {
    Value::Bytes(packed::pack(&message.encode_to_vec()))
}

impl Aggregate for Subscription {
    fn project(id: &str, version: u64, at: &Snapshot<Self>, _now: Timestamp) -> Vec<Write> {
        let args = vec![
            text(id),
            text(&at.data.owner.agency),
            text(&at.data.owner.subject),
            text(status_of(&at.state)),
            text(&at.data.endpoint),
            message(&subscription(id, version, at)),
            Value::Int(version as i64),
        ];
        vec![Write {
            sql: PUT_SUBSCRIPTION,
            args,
        }]
    }

    fn published(event: &Nothing) -> Published {
        match *event {}
    }
}

impl Aggregate for Roll {
    fn project(_id: &str, _version: u64, _at: &Snapshot<Self>, _now: Timestamp) -> Vec<Write> {
        Vec::new()
    }

    fn published(event: &Nothing) -> Published {
        match *event {}
    }
}

impl Aggregate for Delivery {
    fn project(id: &str, version: u64, at: &Snapshot<Self>, _now: Timestamp) -> Vec<Write> {
        let data = &at.data;
        let channel = match data.channel {
            Channel::Stream => "stream",
            Channel::Webhook => "webhook",
            Channel::Email => "email",
        };
        let args = vec![
            text(id),
            // Sorts as numbers do, since no instant of this system lies before 1970.
            Value::Text(format!("{:020}/{:020}/{id}", data.made.0, data.position)),
            text(&data.subscription),
            text(&data.owner.agency),
            text(&data.owner.subject),
            text(channel),
            Value::Text(at.state_name()),
            message(&delivery(id, at)),
            Value::Int(version as i64),
        ];
        vec![Write {
            sql: PUT_DELIVERY,
            args,
        }]
    }

    fn published(event: &Fact) -> Published {
        let (Fact::Delivered {
            delivery,
            subscription,
            agency,
        }
        | Fact::Dead {
            delivery,
            subscription,
            agency,
        }) = event;
        let status = match event {
            Fact::Delivered { .. } => "delivered",
            Fact::Dead { .. } => "dead",
        };
        let ended = v1::DeliveryEnded {
            status: status.to_owned(),
        };
        let body = v1::Event {
            subscription: subscription.clone(),
            delivery: delivery.clone(),
            fact: Some(v1::event::Fact::Ended(ended)),
        };
        Published {
            event_type: "delivery.ended",
            agency: agency.clone(),
            body: body.encode_to_vec(),
        }
    }
}

/// A cell of a row, as text.
pub(crate) fn cell(row: &Row, at: usize) -> Result<&str, Fault> {
    match row.get(at) {
        Some(Value::Text(text)) => Ok(text),
        other => Err(Fault::Internal(format!("column {at} of a view is no text: {other:?}"))),
    }
}

/// The number that a count answers.
pub(crate) fn count(rows: &[Row]) -> Result<u32, Fault> {
    match rows.first().and_then(|row| row.first()) {
        Some(Value::Int(count)) => Ok((*count).clamp(0, i64::from(u32::MAX)) as u32),
        other => Err(Fault::Internal(format!("a count answers no number: {other:?}"))),
    }
}

/// The message in a row's second column.
pub(crate) fn body<M: Message + Default>(table: &'static str, row: &Row) -> Result<M, Fault> {
    let body = match row.get(1) {
        Some(Value::Bytes(body)) => packed::unpack(body),
        other => Err(format!("no bytes: {other:?}")),
    };
    let read = body.and_then(|body| M::decode(body.as_slice()).map_err(|error| error.to_string()));
    read.map_err(|detail| {
        let row = cell(row, 0).unwrap_or_default().to_owned();
        StoreError::Corrupt {
            table,
            column: "body",
            row,
            detail,
        }
        .into()
    })
}
