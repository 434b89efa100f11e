//! Events and notifications: none lost, none twice, in order.

use checker::Invariant::{I3, I4, I5, I12};
use host::grants::Grants;
use serde_json::json;

use super::{ELSEWHERE, LATER, WAITING, ended, service};
use crate::plant::{Copy, How};

#[tokio::test]
async fn i3_the_outbox_is_whole() {
    // A row of the outbox is deleted.
    let copy = Copy::new();
    copy.sql(
        "approval",
        &["DELETE FROM event WHERE position = (SELECT MAX(position) / 2 FROM event)"],
    );
    copy.breaks(I3).await;

    // The newest was never written, as an outbox outside the transaction would have it: no hole anywhere.
    let copy = Copy::new();
    let newest = "position = (SELECT position FROM head)";
    let uncount =
        format!("UPDATE aggregate SET seq = seq - 1 WHERE number = (SELECT number FROM event WHERE {newest})");
    let unsend = format!("DELETE FROM event WHERE {newest}");
    copy.sql(
        "approval",
        &[&uncount, &unsend, "UPDATE head SET position = position - 1"],
    );
    copy.breaks(I3).await;

    // The bus tells what no outbox has.
    let copy = Copy::new();
    copy.add(
        "stream.jsonl",
        &[
            json!({"producer": "intake", "event_id": "planted", "aggregate": "intake.dossier/x",
        "seq": 1, "position": 1, "body": "00"}),
        ],
    );
    copy.breaks(I3).await;
}

#[tokio::test]
async fn i3_each_consumer_has_applied_each_event() {
    let copy = Copy::new();
    // A cause is compact: what was before the event's id, "event ", stands behind it.
    let without_effect = "(SELECT event_id FROM inbox JOIN applied USING (number) WHERE producer = 'approval' \
        AND event_id NOT IN \
        (SELECT substr(cause, 1, 17) FROM history WHERE substr(cause, 18) = x'6576656e7420') LIMIT 1)";
    copy.sql(
        "council",
        &[&format!("DELETE FROM inbox WHERE event_id = {without_effect}")],
    );
    copy.breaks(I3).await;

    let copy = Copy::new();
    copy.sql(
        "intake",
        &[
            "INSERT INTO applied (number, consumer, producer, aggregate, seq) \
           VALUES (1000000, 'intake', 'approval', x'006e6f6e65', 1)",
            "INSERT INTO inbox (position, number, event_id, seq, at) VALUES (1, 1000000, x'0070', 1, 1)",
        ],
    );
    copy.breaks(I3).await;

    // Marked as applied, and nothing was done.
    let copy = Copy::new();
    let docket = "SELECT CAST(MIN(number) AS TEXT) FROM aggregate WHERE kind = 'council.docket'";
    let of_docket = copy.text("council", docket);
    let gone = ["aggregate", "history"].map(|table| format!("DELETE FROM {table} WHERE number = {of_docket}"));
    copy.sql("council", &[&gone[0], &gone[1]]);
    copy.breaks(I3).await;
}

#[tokio::test]
async fn i4_an_event_takes_effect_once() {
    let copy = Copy::new();
    let with_effect = "(SELECT substr(h.cause, 1, 17) FROM history h JOIN aggregate a ON a.number = h.number \
        WHERE substr(h.cause, 18) = x'6576656e7420' AND a.kind = 'approval.course' LIMIT 1)";
    copy.sql(
        "approval",
        &[&format!("DELETE FROM inbox WHERE event_id = {with_effect}")],
    );
    copy.breaks(I4).await;

    // As with the inbox off: the second time at another moment, and within the same one.
    for apart in [1, 0] {
        let copy = Copy::new();
        let event = copy.id(
            "intake",
            "SELECT event_id FROM inbox JOIN applied USING (number) WHERE producer = 'directory' LIMIT 1",
        );
        for at in [LATER, LATER + apart] {
            let how = How {
                by: service("directory"),
                at,
                cause: format!("event {event}"),
                ..How::default()
            };
            copy.step::<Grants>("intake", ELSEWHERE, ended(), &how).await;
        }
        copy.breaks(I4).await;
    }
}

#[tokio::test]
async fn i5_every_notification_is_accounted_for() {
    let copy = Copy::new();
    let id = copy.text("notification", WAITING);
    let history = format!("DELETE FROM history WHERE number = (SELECT number FROM aggregate WHERE id = '{id}')");
    let of_it = ["aggregate", "timer", "delivery"].map(|table| format!("DELETE FROM {table} WHERE id = '{id}'"));
    copy.sql("notification", &[&history, &of_it[0], &of_it[1], &of_it[2]]);
    copy.breaks(I5).await;

    // Held for delivered, and nobody got it.
    let copy = Copy::new();
    let mut gone = None;
    copy.lines("webhooks.jsonl", |line| {
        let id = gone.get_or_insert_with(|| line["id"].clone());
        (*id != line["id"]).then_some(line)
    });
    copy.breaks(I5).await;

    // The second call for the same fact comes under another id, or in other words.
    for (field, other) in [("id", "another"), ("body", "00")] {
        let copy = Copy::new();
        let mut seen = Vec::new();
        copy.lines("webhooks.jsonl", |mut line| {
            if seen.contains(&line["id"]) {
                line[field] = json!(other);
            } else {
                seen.push(line["id"].clone());
            }
            Some(line)
        });
        // Under the new id it was taken; under the old one it was not.
        copy.breaks(I5).await;
    }
}

#[tokio::test]
async fn i12_order() {
    for damage in [
        "UPDATE inbox SET seq = seq + 1 WHERE event_id = (SELECT event_id FROM inbox JOIN applied USING (number) \
            WHERE producer = 'approval' ORDER BY inbox.seq DESC LIMIT 1)",
        "UPDATE applied SET seq = seq + 1 WHERE producer = 'approval'",
    ] {
        let copy = Copy::new();
        copy.sql("intake", &[damage]);
        copy.breaks(I12).await;
    }

    // As if numbers were given out before commits: two events changed places.
    let copy = Copy::new();
    copy.sql(
        "approval",
        &[
            "UPDATE event SET position = 1000000 WHERE position = 3",
            "UPDATE event SET position = 3 WHERE position = 4",
            "UPDATE event SET position = 4 WHERE position = 1000000",
        ],
    );
    copy.breaks(I12).await;

    let copy = Copy::new();
    copy.sql(
        "approval",
        &["UPDATE aggregate SET seq = seq - 1 WHERE kind = 'approval.course'"],
    );
    copy.breaks(I12).await;

    // A later event takes effect before an earlier one.
    let copy = Copy::new();
    let of = "FROM inbox WHERE number = (SELECT number FROM applied WHERE producer = 'approval' AND seq >= 2 LIMIT 1)";
    for seq in [2, 1] {
        let event = copy.id("intake", &format!("SELECT event_id {of} AND seq = {seq}"));
        let how = How {
            by: service("approval"),
            at: LATER,
            cause: format!("event {event}"),
            ..How::default()
        };
        copy.step::<Grants>("intake", ELSEWHERE, ended(), &how).await;
    }
    copy.breaks(I12).await;
}
