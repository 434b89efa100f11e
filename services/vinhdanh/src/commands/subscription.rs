//! `vinhdanh subscription`: who is told what, and whether it arrived.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use futures::StreamExt as _;
use proto::notification::v1::*;
use serde_json::Value;

use super::{Desk, Limit, Verb, lost};
use crate::{
    client::{Client, Failure},
    output::{Record, plain},
    words::word,
};

/// Subscriptions and their deliveries.
#[derive(Debug, Subcommand)]
pub enum SubscriptionVerb {
    /// Đăng ký nhận tin. Create one; a webhook's secret is shown this once.
    Create {
        /// Điều kiện; tất cả phải đúng. Equalities over fact, dossier, award, basis, agency, level, candidate_agency,
        /// submitting_agency, deciding_agency; can be repeated, all must hold.
        #[arg(long = "filter", value_name = "KEY=VALUE")]
        filters: Vec<Equality>,
        /// Nhận bằng cách nào. How it is received.
        #[arg(long, value_enum)]
        channel: ChannelArg,
        /// Gửi đến đâu: địa chỉ web hoặc thư điện tử. Where a webhook (URL) or an e-mail (address) goes.
        #[arg(
            long,
            value_name = "URL|ADDRESS",
            required_if_eq_any([("channel", "webhook"), ("channel", "email")])
        )]
        endpoint: Option<String>,
    },
    /// Danh sách. List them.
    List {
        #[command(flatten)]
        limit: Limit,
    },
    /// Xem một đăng ký. Show one.
    Show {
        /// Đăng ký. The subscription.
        #[arg(value_name = "ID")]
        subscription: String,
    },
    /// Thôi nhận. End one.
    Delete {
        /// Đăng ký. The subscription.
        #[arg(value_name = "ID")]
        subscription: String,
    },
    /// Các lần gửi. Deliveries and how they went.
    Deliveries {
        /// Của đăng ký nào. Only this subscription's.
        #[arg(long, value_name = "ID")]
        subscription: Option<String>,
        /// pending, sending, delivered, waiting, parked, suppressed, dead.
        #[arg(long)]
        status: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Gửi lại một tin đã thôi gửi. Send a dead delivery again, once what was wrong is put right.
    Retry {
        /// Lần gửi. The delivery.
        #[arg(value_name = "ID")]
        delivery: String,
    },
    /// Nhận ngay khi có, cho đến khi dừng. Receive a stream subscription's deliveries as they come.
    Stream {
        /// Đăng ký. The subscription.
        #[arg(value_name = "ID")]
        subscription: String,
        /// Báo đã nhận: không gửi lại. Acknowledge each once it is printed: it is never sent again.
        #[arg(long)]
        ack: bool,
        /// Dừng sau bấy nhiêu tin. Stop after this many.
        #[arg(long, value_name = "N")]
        count: Option<usize>,
    },
}

/// One equality of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equality(String, String);

impl std::str::FromStr for Equality {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() && !value.is_empty() => Ok(Self(key.to_owned(), value.to_owned())),
            _ => bail!("expected KEY=VALUE, e.g. fact=dossier.awarded"),
        }
    }
}

/// How a subscriber receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ChannelArg {
    /// `subscription stream` reads them.
    Stream,
    /// They are posted, signed as Standard Webhooks says.
    Webhook,
    /// They are sent as e-mail, if the installation has a mail server.
    Email,
}

impl From<ChannelArg> for Channel {
    fn from(channel: ChannelArg) -> Self {
        match channel {
            ChannelArg::Stream => Self::Stream,
            ChannelArg::Webhook => Self::Webhook,
            ChannelArg::Email => Self::Email,
        }
    }
}

impl Verb for SubscriptionVerb {
    async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let request_id = desk.request_id();
        let subscription = match self {
            Self::Create {
                filters,
                channel,
                endpoint,
            } => {
                let request = CreateSubscriptionRequest {
                    request_id,
                    filter: filter(filters)?,
                    channel: Channel::from(channel).into(),
                    endpoint: endpoint.unwrap_or_default(),
                };
                desk.call(async |client| client.notification().create_subscription(request.clone()).await)
                    .await?
            }
            Self::Show { subscription } => {
                let request = GetSubscriptionRequest { subscription };
                desk.call(async |client| client.notification().get_subscription(request.clone()).await)
                    .await?
            }
            Self::Delete { subscription } => {
                let request = DeleteSubscriptionRequest {
                    request_id,
                    subscription,
                    etag: String::new(),
                };
                desk.call(async |client| client.notification().delete_subscription(request.clone()).await)
                    .await?
            }
            Self::List { limit } => return list(desk, limit).await,
            Self::Deliveries {
                subscription,
                status,
                limit,
            } => {
                let base = ListDeliveriesRequest {
                    subscription: subscription.unwrap_or_default(),
                    status: status.unwrap_or_default(),
                    ..ListDeliveriesRequest::default()
                };
                return deliveries(desk, base, limit).await;
            }
            Self::Retry { delivery } => {
                let request = RetryDeliveryRequest { request_id, delivery };
                let pending = desk
                    .call(async |client| client.notification().retry_delivery(request.clone()).await)
                    .await?;
                desk.output.one(&pending);
                return Ok(0);
            }
            Self::Stream {
                subscription,
                ack,
                count,
            } => {
                return receive(desk, subscription, ack, count.unwrap_or(usize::MAX)).await;
            }
        };
        desk.output.one(&subscription);
        Ok(0)
    }
}

fn filter(equalities: Vec<Equality>) -> anyhow::Result<BTreeMap<String, String>> {
    let mut filter = BTreeMap::new();
    for Equality(key, value) in equalities {
        if filter.insert(key.clone(), value).is_some() {
            bail!("--filter {key} is given twice, and both can never hold: make two subscriptions");
        }
    }
    Ok(filter)
}

async fn list(desk: &Desk, limit: Limit) -> anyhow::Result<u8> {
    let page = async |client: &Client, page_size, page_token| {
        let request = ListSubscriptionsRequest { page_size, page_token };
        let page = client.notification().list_subscriptions(request).await?.into_inner();
        Ok((page.subscriptions, page.next_page_token))
    };
    desk.output.many(&desk.pages(limit, page).await?);
    Ok(0)
}

async fn deliveries(desk: &Desk, base: ListDeliveriesRequest, limit: Limit) -> anyhow::Result<u8> {
    let page = async |client: &Client, page_size, page_token| {
        let request = ListDeliveriesRequest {
            page_size,
            page_token,
            ..base.clone()
        };
        let page = client.notification().list_deliveries(request).await?.into_inner();
        Ok((page.deliveries, page.next_page_token))
    };
    desk.output.many(&desk.pages(limit, page).await?);
    Ok(0)
}

/// Prints first and acknowledges then: what was not printed comes again.
async fn receive(desk: &Desk, subscription: String, ack: bool, count: usize) -> anyhow::Result<u8> {
    let request = StreamDeliveriesRequest { subscription };
    let mut received = 0;
    while received < count {
        let mut stream = desk
            .call(async |client| client.notification().stream_deliveries(request.clone()).await)
            .await?;
        while received < count {
            let delivery = match stream.next().await {
                Some(Ok(delivery)) => delivery,
                Some(Err(status)) if lost(&status) => {
                    desk.before_reconnecting().await;
                    break;
                }
                Some(Err(status)) => return Err(Failure::from(status).into()),
                None => return Ok(0),
            };
            desk.output.line(&delivery);
            received += 1;
            if ack {
                acknowledge(desk, delivery.delivery).await?;
            }
        }
    }
    Ok(0)
}

async fn acknowledge(desk: &Desk, delivery: String) -> anyhow::Result<()> {
    let request = AcknowledgeDeliveryRequest {
        request_id: desk.request_id_of(&delivery),
        delivery: delivery.clone(),
    };
    desk.call(async |client| client.notification().acknowledge_delivery(request.clone()).await)
        .await
        .with_context(|| format!("delivery {delivery}"))?;
    Ok(())
}

impl Record for Subscription {
    const TABLE: &'static [&'static str] = &["subscription", "agency", "status", "channel", "filter", "endpoint"];
    const DETAIL: &'static [&'static str] = &[
        "subscription",
        "agency",
        "status",
        "channel",
        "filter",
        "endpoint",
        "secret",
    ];

    fn json(&self) -> Value {
        let mut value = plain(self);
        value["channel"] = word(self.channel().as_str_name(), "CHANNEL_").into();
        value
    }
}

impl Record for Delivery {
    const TABLE: &'static [&'static str] = &[
        "delivery",
        "at",
        "fact",
        "dossier",
        "award",
        "agency",
        "level",
        "status",
        "attempts",
        "last_result",
    ];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        plain(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_map_of_equalities() {
        let parse = |text: &str| text.parse::<Equality>();
        let two = vec![
            parse("fact=dossier.awarded").expect("one"),
            parse("level=state").expect("one"),
        ];
        assert_eq!(filter(two).expect("a filter").len(), 2);
        let twice = vec![parse("level=unit").expect("one"), parse("level=state").expect("one")];
        assert!(filter(twice).is_err());
        for bad in ["fact", "=x", "fact="] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
