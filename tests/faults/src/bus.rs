//! A hostile hand on NATS: says everything again in any order, deletes streams, forgets consumers.

use std::time::Duration;

use anyhow::Context;
use async_nats::{HeaderMap, jetstream};
use futures::{StreamExt as _, TryStreamExt as _};
use tokio::task::JoinSet;

use crate::dice::Dice;

/// Marks what was said again, so that it is not said for ever.
const AGAIN: &str = "X-Said-Again";
/// What NATS knows a repeat by within its window.
const MESSAGE_ID: &str = "Nats-Msg-Id";

/// Publishes every event twice more, later, under message ids that NATS does not know. Ends with the task.
pub async fn say_again(url: String, mut dice: Dice) -> anyhow::Result<()> {
    let client = async_nats::connect(&url).await?;
    let mut heard = client.subscribe("vinhdanh.v1.>").await?;
    let mut later = JoinSet::new();
    while let Some(message) = heard.next().await {
        let Some(headers) = message.headers else { continue };
        if headers.get(AGAIN).is_some() {
            continue;
        }
        for time in 1..=2 {
            let (client, headers) = (client.clone(), again(&headers, time));
            let (subject, payload) = (message.subject.clone(), message.payload.clone());
            let wait = Duration::from_millis(dice.between(0, 1_500));
            later.spawn(async move {
                tokio::time::sleep(wait).await;
                // A server that is away does not want to hear it.
                _ = client.publish_with_headers(subject, headers, payload).await;
            });
        }
        while later.try_join_next().is_some() {}
    }
    Ok(())
}

fn again(headers: &HeaderMap, time: u32) -> HeaderMap {
    let mut copy = HeaderMap::new();
    for (name, values) in headers.iter() {
        for value in values {
            let value = if name.to_string() == MESSAGE_ID {
                format!("{value}-{time}")
            } else {
                value.to_string()
            };
            copy.append(name.to_string().as_str(), value.as_str());
        }
    }
    copy.insert(AGAIN, "yes");
    copy
}

/// Deletes a producer's stream.
pub async fn delete_stream(url: &str, producer: &str) -> anyhow::Result<()> {
    let jetstream = jetstream::new(async_nats::connect(url).await?);
    let name = format!("VINHDANH_{}", producer.to_uppercase());
    jetstream
        .delete_stream(&name)
        .await
        .with_context(|| format!("delete {name}"))?;
    Ok(())
}

/// Deletes all durable consumers of a producer's stream.
pub async fn forget_consumers(url: &str, producer: &str) -> anyhow::Result<()> {
    let jetstream = jetstream::new(async_nats::connect(url).await?);
    let name = format!("VINHDANH_{}", producer.to_uppercase());
    let stream = jetstream.get_stream(&name).await?;
    let consumers: Vec<String> = stream.consumer_names().try_collect().await?;
    for consumer in consumers {
        stream.delete_consumer(&consumer).await?;
    }
    Ok(())
}
