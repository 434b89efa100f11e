//! What clients were told is there; histories are whole, unaltered, and come out the same again.

use checker::Invariant::{I1, I2, I6, I13, I14};
use host::grants::Grants;
use journal::Key;
use serde_json::{Value, json};

use super::{ELSEWHERE, LATER, UNANSWER, ended, service};
use crate::{
    crew::MONDAY,
    plant::{Copy, How},
};

/// Changes the end of the first operation of a method.
fn change_end(copy: &Copy, method: &str, change: impl Fn(&mut Value)) {
    let mut op = None;
    copy.lines("clients.jsonl", |mut line| {
        if line["line"] == "invoke" && line["method"] == method {
            op.get_or_insert(line["op"].clone());
        } else if line["line"] == "end" && op.as_ref() == Some(&line["op"]) {
            change(&mut line["how"]);
        }
        Some(line)
    });
}

#[tokio::test]
async fn i1_what_was_acknowledged_is_there() {
    let copy = Copy::new();
    let who = json!({"subject": "clerk@x", "role": "clerk", "agency": "x"});
    let invoke = json!({"line": "invoke", "op": "ghost", "attempt": 1, "at": MONDAY, "method": "intake/CreateDossier",
        "who": who, "request_id": "never-stored", "payload": "00"});
    let end = json!({"line": "end", "op": "ghost", "attempt": 1, "at": MONDAY,
        "how": {"end": "ok", "reply": "0011223344", "moved": {}}});
    copy.add("clients.jsonl", &[invoke, end]);
    copy.breaks(I1).await;

    let copy = Copy::new();
    change_end(&copy, "approval/DecideDossiers", |how| {
        // The first decision is refused: its refusal becomes an acknowledgement.
        *how = json!({"end": "ok", "reply": "0011223344", "moved": {}});
    });
    copy.breaks(I1).await;

    let copy = Copy::new();
    change_end(&copy, "approval/ReceiveDossiers", |how| {
        how["reply"] = json!("0011223344");
    });
    copy.breaks(I1).await;
}

#[tokio::test]
async fn i1_what_was_refused_is_not_there() {
    let copy = Copy::new();
    change_end(&copy, "approval/ReceiveDossiers", |how| {
        *how = json!({"end": "fail", "code": "FailedPrecondition", "reason": "planted"});
    });
    copy.breaks(I1).await;
}

#[tokio::test]
async fn i1_nothing_is_half_there() {
    let copy = Copy::new();
    copy.sql("intake", &[UNANSWER]);
    copy.breaks(I1).await;

    let copy = Copy::new();
    copy.sql("approval", &["DELETE FROM claim"]);
    copy.breaks(I1).await;

    // Two dossiers went in under one letter; of one, nothing is left.
    let copy = Copy::new();
    let one = "SELECT CAST(number AS TEXT) FROM history WHERE request_id = (SELECT request_id FROM history \
        WHERE request_id <> x'' GROUP BY request_id HAVING COUNT(*) = 2) ORDER BY number LIMIT 1";
    let of_one = copy.text("intake", one);
    let gone = ["aggregate", "history"].map(|table| format!("DELETE FROM {table} WHERE number = {of_one}"));
    copy.sql("intake", &[&gone[0], &gone[1]]);
    let report = copy.report().await;
    assert!(report.broken().contains(&I1), "{}", report.text());
}

#[tokio::test]
async fn i2_versions_and_steps() {
    let course = "number = (SELECT MIN(number) FROM aggregate WHERE kind = 'approval.course')";
    for damage in [
        format!("DELETE FROM history WHERE version = 2 AND {course}"),
        format!("UPDATE aggregate SET version = version + 1 WHERE {course}"),
    ] {
        let copy = Copy::new();
        copy.sql("approval", &[&damage]);
        copy.breaks(I2).await;
    }

    let copy = Copy::new();
    let id = copy.text(
        "approval",
        // One that no council is busy with, so that its state refuses the news.
        "SELECT MIN(a.id) FROM aggregate a JOIN history h ON h.number = a.number AND h.version = a.version \
                WHERE a.kind = 'approval.course' AND h.state <> 'in-council'",
    );
    let key = Key::new("approval.course", id);
    copy.force(
        "approval",
        key,
        r#"{"input":"concluded","passed":true}"#,
        service("council"),
        LATER,
    )
    .await;
    copy.breaks(I2).await;
}

#[tokio::test]
async fn i2_one_request_is_one_commit() {
    let copy = Copy::new();
    let request_id = copy.id("intake", "SELECT request_id FROM history WHERE rowid = 1");
    let (_, actor, _) = copy.content("intake", "SELECT '', content FROM history WHERE rowid = 1", "");
    let how = How {
        by: serde_json::from_str(&actor).expect("an actor"),
        at: LATER,
        request_id,
        ..How::default()
    };
    copy.step::<Grants>("intake", ELSEWHERE, ended(), &how).await;
    copy.breaks(I2).await;
}

#[tokio::test]
async fn i6_the_record_was_not_altered() {
    let appraisal = "version = 3 AND number IN (SELECT number FROM aggregate WHERE kind = 'approval.course')";
    let query = format!("SELECT '', content FROM history WHERE {appraisal}");
    let (_, actor, input) = Copy::new().content("approval", &query, "");
    let content = |actor: &str, input: &str| {
        let packed = hex::encode(journal::packed::pack_pair(actor, input.as_bytes()));
        format!("UPDATE history SET content = x'{packed}' WHERE {appraisal}")
    };
    for damage in [
        content(&actor, &input.replacen("input", "INPUT", 1)),
        content(&actor.replacen("officer", "leader", 1), &input),
        format!("UPDATE history SET content = x'ff00' WHERE {appraisal}"),
        // As with the chain skipped.
        format!("UPDATE history SET hash = zeroblob(32) WHERE {appraisal}"),
        "UPDATE event SET body = zeroblob(length(body)) WHERE position = 1".to_owned(),
    ] {
        let copy = Copy::new();
        copy.sql("approval", &[&damage]);
        copy.breaks(I6).await;
    }
}

#[tokio::test]
async fn i13_the_same_request_has_one_answer() {
    let copy = Copy::new();
    copy.lines("clients.jsonl", |mut line| {
        if line["line"] == "end" && line["attempt"] == 2 {
            line["how"]["reply"] = json!("0011223344");
        }
        Some(line)
    });
    copy.breaks(I13).await;

    // The id of one request is taken for another.
    let copy = Copy::new();
    let mut first = None;
    copy.lines("clients.jsonl", |mut line| {
        let is_draft = line["line"] == "invoke" && line["method"] == "intake/CreateDossier";
        if is_draft && first.is_none() {
            first = Some(line["op"].clone());
            line["payload"] = json!("00");
        }
        Some(line)
    });
    copy.breaks(I13).await;
}

#[tokio::test]
async fn i14_replay_comes_out_the_same() {
    let copy = Copy::new();
    copy.sql(
        "intake",
        &["UPDATE aggregate SET snapshot = zeroblob(length(snapshot)) WHERE kind = 'intake.dossier'"],
    );
    copy.breaks(I14).await;

    // As with the version check off: decided on another state than the one before it.
    let copy = Copy::new();
    let how = How {
        by: service("directory"),
        at: LATER,
        cause: "planted".to_owned(),
        wrong_outcome: true,
        ..How::default()
    };
    copy.step::<Grants>("intake", ELSEWHERE, ended(), &how).await;
    copy.breaks(I14).await;
}
