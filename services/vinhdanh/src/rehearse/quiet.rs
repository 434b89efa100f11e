//! Waits until every consumer has caught up, so that a step meets what the steps before it brought about.

use std::{collections::BTreeMap, time::Duration};

use anyhow::bail;
use proto::admin::v1::{GetProgressRequest, ServiceProgress};

use super::stage::Stage;

/// Long enough for a loaded machine and for a receiver that lets a call time out; then somebody should look.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until all is quiet: twice in a row, with nothing changed between, since what one consumer does is news for
/// the next.
pub async fn wait(stage: &Stage) -> anyhow::Result<()> {
    let mut before = None;
    let mut behind = vec!["nobody has answered yet".to_owned()];
    let quiet = async {
        loop {
            match progress(stage).await {
                Ok(now) => {
                    behind = what_is_behind(&now);
                    if behind.is_empty() && before.as_ref() == Some(&now) {
                        return;
                    }
                    before = Some(now);
                }
                // A service that was just restarted may not listen yet.
                Err(error) => behind = vec![format!("{error:#}")],
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    if tokio::time::timeout(PATIENCE, quiet).await.is_err() {
        bail!(
            "the services did not come to rest within {} s:\n  {}",
            PATIENCE.as_secs(),
            behind.join("\n  ")
        );
    }
    Ok(())
}

/// Waits until every process answers, whether or not it has caught up: all that can be had while the bus is away.
pub async fn wait_for_answers(stage: &Stage) -> anyhow::Result<()> {
    let mut error = None;
    let answers = async {
        while let Err(failed) = progress(stage).await {
            error = Some(failed);
            tokio::time::sleep(PAUSE).await;
        }
    };
    if tokio::time::timeout(PATIENCE, answers).await.is_err() {
        let why = error.map(|error| format!("{error:#}")).unwrap_or_default();
        bail!("not every service answered within {} s: {why}", PATIENCE.as_secs());
    }
    Ok(())
}

async fn progress(stage: &Stage) -> anyhow::Result<Vec<ServiceProgress>> {
    let auditor = stage.auditor()?;
    let mut all = Vec::new();
    for door in stage.doors() {
        let answer = auditor.admin(door).get_progress(GetProgressRequest {}).await;
        match answer {
            Ok(answer) => all.extend(answer.into_inner().services),
            Err(status) => bail!("{door}: {}", crate::client::Failure::from(status)),
        }
    }
    Ok(all)
}

/// One line for each thing that is still under way.
pub fn what_is_behind(all: &[ServiceProgress]) -> Vec<String> {
    // Replicas report the same journal; whichever looked last saw most of it.
    let mut heads: BTreeMap<&str, i64> = BTreeMap::new();
    for one in all {
        let head = heads.entry(&one.service).or_default();
        *head = one.head.max(*head);
    }
    let mut behind = Vec::new();
    for one in all {
        let name = &one.service;
        if one.relayed < one.head {
            behind.push(format!("{name}: {} of {} events are on the bus", one.relayed, one.head));
        }
        for consumer in &one.consumers {
            match heads.get(consumer.producer.as_str()) {
                Some(head) if consumer.position < *head => {
                    behind.push(format!(
                        "{name}: has read {} of {head} events of {}",
                        consumer.position, consumer.producer
                    ));
                }
                Some(_) => {}
                None => behind.push(format!("{name}: reads {}, which no process runs", consumer.producer)),
            }
        }
        if one.timers_due > 0 {
            behind.push(format!("{name}: {} timers are due", one.timers_due));
        }
        if one.under_way > 0 {
            behind.push(format!("{name}: {} tasks of its own are under way", one.under_way));
        }
        if !behind.is_empty() && one.dead_letters > 0 {
            behind.push(format!("{name}: {} dead letters", one.dead_letters));
        }
    }
    behind
}

#[cfg(test)]
mod tests {
    use proto::admin::v1::ConsumerProgress;

    use super::*;

    fn service(name: &str, head: i64, relayed: i64, read: &[(&str, i64)]) -> ServiceProgress {
        ServiceProgress {
            service: name.to_owned(),
            head,
            relayed,
            consumers: read
                .iter()
                .map(|(producer, position)| ConsumerProgress {
                    producer: (*producer).to_owned(),
                    position: *position,
                })
                .collect(),
            ..ServiceProgress::default()
        }
    }

    #[test]
    fn a_consumer_is_measured_by_the_producer_wherever_that_runs() {
        let mut all = vec![
            service("intake", 3, 3, &[]),
            service("approval", 1, 1, &[("intake", 2)]),
        ];
        assert_eq!(what_is_behind(&all), ["approval: has read 2 of 3 events of intake"]);
        all[1].consumers[0].position = 3;
        assert!(what_is_behind(&all).is_empty());
        all[0].relayed = 2;
        all[1].timers_due = 1;
        assert_eq!(
            what_is_behind(&all),
            ["intake: 2 of 3 events are on the bus", "approval: 1 timers are due"]
        );
    }
}
