//! What a stream and a consumer must be like, and in what a found one differs.

use std::time::Duration;

use async_nats::jetstream::consumer::{self, AckPolicy, DeliverPolicy, ReplayPolicy, pull};
use async_nats::jetstream::stream::{self, DiscardPolicy, RetentionPolicy, StorageType};

use super::NatsConfig;

/// A producer's stream. No bound on messages: age bounds it, and bytes if the operator says so.
pub(super) fn stream(config: &NatsConfig, name: String, subjects: String) -> stream::Config {
    stream::Config {
        name,
        subjects: vec![subjects],
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        storage: if config.in_memory {
            StorageType::Memory
        } else {
            StorageType::File
        },
        num_replicas: config.replicas,
        max_age: config.max_age,
        max_bytes: config.max_bytes.unwrap_or(-1),
        max_messages: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        duplicate_window: config.duplicate_window,
        deny_delete: config.deny_removal,
        deny_purge: config.deny_removal,
        ..Default::default()
    }
}

/// The found settings with ours put in; what we do not care about stays as the operator left it.
pub(super) fn put_right(wanted: &stream::Config, found: stream::Config) -> stream::Config {
    stream::Config {
        subjects: wanted.subjects.clone(),
        retention: wanted.retention,
        discard: wanted.discard,
        storage: wanted.storage,
        num_replicas: wanted.num_replicas,
        max_age: wanted.max_age,
        max_bytes: wanted.max_bytes,
        max_messages: wanted.max_messages,
        max_messages_per_subject: wanted.max_messages_per_subject,
        max_consumers: wanted.max_consumers,
        duplicate_window: wanted.duplicate_window,
        deny_delete: wanted.deny_delete || found.deny_delete,
        deny_purge: wanted.deny_purge || found.deny_purge,
        no_ack: false,
        ..found
    }
}

/// Each of our settings that the found stream has otherwise, in words. A stricter ban on removal is no difference.
pub(super) fn differences(wanted: &stream::Config, found: &stream::Config) -> Vec<String> {
    let have = |c: &stream::Config| {
        [
            ("subjects", format!("{:?}", c.subjects)),
            ("retention", format!("{:?}", c.retention)),
            ("discard", format!("{:?}", c.discard)),
            ("storage", format!("{:?}", c.storage)),
            ("num_replicas", c.num_replicas.to_string()),
            ("max_age", format!("{:?}", c.max_age)),
            ("max_bytes", c.max_bytes.to_string()),
            ("max_msgs", c.max_messages.to_string()),
            ("max_msgs_per_subject", c.max_messages_per_subject.to_string()),
            ("max_consumers", c.max_consumers.to_string()),
            ("duplicate_window", format!("{:?}", c.duplicate_window)),
            (
                "deny_delete",
                (c.deny_delete || found.deny_delete && !wanted.deny_delete).to_string(),
            ),
            (
                "deny_purge",
                (c.deny_purge || found.deny_purge && !wanted.deny_purge).to_string(),
            ),
            ("no_ack", c.no_ack.to_string()),
        ]
    };
    compare(have(wanted), have(found))
}

/// A consumer's durable feed: every event, in explicit acknowledgement, again and again until it is settled.
pub(super) fn consumer(config: &NatsConfig, name: &str) -> pull::Config {
    pull::Config {
        durable_name: Some(name.to_owned()),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: config.ack_wait,
        max_deliver: -1,
        max_ack_pending: config.unsettled_max,
        replay_policy: ReplayPolicy::Instant,
        ..Default::default()
    }
}

/// Each setting of ours that the found consumer has otherwise, in words.
pub(super) fn consumer_differences(wanted: &consumer::Config, found: &consumer::Config) -> Vec<String> {
    let have = |c: &consumer::Config| {
        [
            ("deliver_policy", format!("{:?}", c.deliver_policy)),
            ("ack_policy", format!("{:?}", c.ack_policy)),
            ("ack_wait", format!("{:?}", c.ack_wait)),
            ("max_deliver", c.max_deliver.to_string()),
            ("max_ack_pending", c.max_ack_pending.to_string()),
            ("replay_policy", format!("{:?}", c.replay_policy)),
            ("filter_subject", c.filter_subject.clone()),
            ("filter_subjects", format!("{:?}", c.filter_subjects)),
            ("headers_only", c.headers_only.to_string()),
            ("backoff", format!("{:?}", c.backoff)),
            ("inactive_threshold", format!("{:?}", c.inactive_threshold)),
        ]
    };
    compare(have(wanted), have(found))
}

fn compare<const N: usize>(wanted: [(&str, String); N], found: [(&str, String); N]) -> Vec<String> {
    let pairs = wanted.into_iter().zip(found);
    pairs
        .filter(|(w, f)| w != f)
        .map(|((name, w), (_, f))| format!("{name} is {f}, not {w}"))
        .collect()
}

/// The server's sign of life while a pull request waits; it may be at most half of the wait.
pub(super) fn heartbeat(wait: Duration) -> Duration {
    (wait / 2).min(Duration::from_secs(5))
}

#[cfg(test)]
mod tests {
    use async_nats::jetstream::consumer::IntoConsumerConfig;

    use super::*;

    fn wanted() -> stream::Config {
        stream(
            &NatsConfig::new("nats://localhost"),
            "VINHDANH_INTAKE".into(),
            "vinhdanh.v1.*.intake.>".into(),
        )
    }

    #[test]
    fn the_same_settings_do_not_differ() {
        assert!(differences(&wanted(), &wanted()).is_empty());
    }

    #[test]
    fn a_difference_names_the_setting() {
        let found = stream::Config {
            max_age: Duration::from_mins(1),
            storage: StorageType::Memory,
            ..wanted()
        };
        assert_eq!(
            differences(&wanted(), &found),
            ["storage is Memory, not File", "max_age is 60s, not 604800s"]
        );
    }

    #[test]
    fn a_missing_ban_on_removal_differs_and_a_stricter_one_does_not() {
        let lax = stream::Config {
            deny_delete: false,
            deny_purge: false,
            ..wanted()
        };
        assert_eq!(
            differences(&wanted(), &lax),
            ["deny_delete is false, not true", "deny_purge is false, not true"]
        );
        assert!(differences(&lax, &wanted()).is_empty());
        assert!(put_right(&lax, wanted()).deny_delete);
    }

    #[test]
    fn what_is_not_ours_stays_as_it_was_found() {
        let found = stream::Config {
            description: Some("kept".into()),
            max_messages: 5,
            ..wanted()
        };
        let put_right = put_right(&wanted(), found);
        assert_eq!(
            (put_right.description.as_deref(), put_right.max_messages),
            (Some("kept"), -1)
        );
    }

    #[test]
    fn a_consumer_with_a_filter_differs() {
        let wanted = super::consumer(&NatsConfig::new("nats://localhost"), "council").into_consumer_config();
        let found = consumer::Config {
            filter_subject: "a.>".into(),
            ..wanted.clone()
        };
        assert_eq!(consumer_differences(&wanted, &found), ["filter_subject is a.>, not "]);
    }
}
