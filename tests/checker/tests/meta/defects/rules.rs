//! A sound run is clean; duties, ballots and timers.

use checker::Invariant::{I8, I9, I11};
use council::machine::{Review, ReviewInput};
use journal::{Key, Timer};
use machine::{Actor, Machine as _};
use notification::machine::delivery::{self, Delivery};

use super::{LATER, WAITING, service};
use crate::plant::{Copy, How};

#[tokio::test]
async fn a_sound_run_is_clean_and_everything_was_looked_at() {
    let report = Copy::new().report().await;
    assert!(report.is_clean(), "{}", report.text());
    let looked = &report.looked;
    assert_eq!(
        (looked.unknown, looked.unknown_happened, looked.refused),
        (2, 1, 1),
        "{looked:?}"
    );
    assert_eq!(looked.ballots, 13);
    for (what, count) in [
        ("acknowledged", looked.acknowledged),
        ("fired", looked.fired),
        ("owed", looked.owed),
        ("received", looked.received),
        ("consumed", looked.consumed),
        ("events", looked.events),
    ] {
        assert!(count > 0, "nothing {what}: {looked:?}");
    }
}

#[tokio::test]
async fn i8_duties_are_kept_apart() {
    let copy = Copy::new();
    let (_, _, decision) = copy.content(
        "approval",
        "SELECT a.id, h.content FROM history h JOIN aggregate a ON a.number = h.number WHERE a.kind = 'approval.course'",
        "\"decide\"",
    );
    let (appraised, ..) = copy.content(
        "approval",
        "SELECT a.id, h.content FROM history h JOIN aggregate a ON a.number = h.number JOIN course c ON c.dossier = a.id \
             WHERE a.kind = 'approval.course' AND c.status = 'in-review'",
        "\"an@",
    );
    let an = Actor {
        id: "an@phuong-hoan-kiem".to_owned(),
        role: "leader".to_owned(),
        agency: "phuong-hoan-kiem".to_owned(),
        on_behalf: None,
    };
    copy.force("approval", Key::new("approval.course", appraised), &decision, an, LATER)
        .await;
    copy.breaks(I8).await;
}

#[tokio::test]
async fn i9_ballots() {
    let review = |state: &str| {
        format!(
            "(SELECT id FROM aggregate a JOIN history h ON h.number = a.number AND h.version = a.version \
                WHERE a.kind = 'council.review' AND h.state = '{state}' LIMIT 1)"
        )
    };
    // A slip stays behind after the count.
    let copy = Copy::new();
    let left = format!(
        "INSERT INTO sealed (kind, id, name, value) VALUES ('council.review', {}, 'slip', x'79')",
        review("passed")
    );
    copy.sql("council", &[&left]);
    copy.breaks(I9).await;

    // The box is emptied while the vote is on.
    let copy = Copy::new();
    copy.sql("council", &["DELETE FROM sealed"]);
    copy.breaks(I9).await;

    // More ballots are counted than were cast.
    let copy = Copy::new();
    let id = copy.text("council", &format!("SELECT {}", review("voting")));
    let tally = ReviewInput::Tally {
        members: 7,
        attending: (1..=6).map(|n| format!("m{n}@phuong-hoan-kiem")).collect(),
        quorate: true,
        yes: 5,
        no: 0,
        blank: 0,
    };
    let how = How {
        by: service("council"),
        at: LATER,
        cause: "planted".to_owned(),
        ..How::default()
    };
    copy.sql("council", &["DELETE FROM sealed"]);
    copy.step::<Review>("council", &id, tally, &how).await;
    copy.breaks(I9).await;
}

#[tokio::test]
async fn i11_timers() {
    let of_stream = format!("id = ({WAITING})");
    for damage in [
        // Overdue.
        "UPDATE timer SET due = 1".to_owned(),
        // Moved.
        format!("UPDATE timer SET due = due + 1 WHERE {of_stream}"),
        // Forgotten.
        format!("DELETE FROM timer WHERE {of_stream}"),
        // Set by nobody.
        format!(
            "INSERT INTO timer (kind, id, name, due) VALUES ('notification.delivery', ({WAITING}), 'planted', {LATER}0)"
        ),
    ] {
        let copy = Copy::new();
        copy.sql("notification", &[&damage]);
        copy.breaks(I11).await;
    }

    // Fired before it is due.
    let copy = Copy::new();
    let id = copy.text("notification", WAITING);
    let due = copy.text(
        "notification",
        &format!("SELECT CAST(due AS TEXT) FROM timer WHERE {of_stream}"),
    );
    let due = due.parse().expect("a number");
    let how = How {
        by: service("notification"),
        at: due - 1,
        cause: format!("timer {}", delivery::DUE),
        fired: Some(Timer {
            key: Key::new(Delivery::NAME, &id),
            name: delivery::DUE.to_owned(),
            due,
        }),
        ..How::default()
    };
    copy.step::<Delivery>("notification", &id, delivery::Input::Due, &how)
        .await;
    copy.breaks(I11).await;
}
