//! What a batch comes to when its commits undo and redo one another's work, and when another replica commits meanwhile.

use journal::{Commit, Conflict, Guard, Seal, Timer, TimerOp, Value, Write};

use crate::world::*;

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

pub async fn a_claim_goes_from_hand_to_hand_within_one_batch(world: &World) {
    for (id, claim) in [("a", "passed"), ("b", "kept"), ("c", "freed")] {
        world.commit(commit(claiming(step(id, 0), claim))).await.unwrap();
    }
    let batch = [
        // From a over d to e.
        commit(releasing(step("a", 1), "passed")),
        commit(claiming(step("d", 0), "passed")),
        commit(releasing(step("d", 1), "passed")),
        commit(claiming(step("e", 0), "passed")),
        // Given back and taken again.
        commit(releasing(step("b", 1), "kept")),
        commit(claiming(step("b", 2), "kept")),
        // Given back, taken and given back.
        commit(releasing(step("c", 1), "freed")),
        commit(claiming(step("d", 2), "freed")),
        commit(releasing(step("d", 3), "freed")),
        // Never there before, nor after.
        commit(claiming(step("f", 0), "brief")),
        commit(releasing(step("f", 1), "brief")),
        commit(claiming(step("f", 2), "new")),
    ];
    let outcomes = world.store.commit(&batch).await.unwrap();
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let held = async |claim: &str| {
        let outcome = world.commit(commit(claiming(step("x", 0), claim))).await;
        match outcome {
            Err(Conflict::Taken { holder, .. }) => holder.id,
            other => panic!("{claim} is free: {other:?}"),
        }
    };
    assert_eq!(held("passed").await, "e");
    assert_eq!(held("kept").await, "b");
    assert_eq!(held("new").await, "f");
    let free = claiming(claiming(step("x", 0), "freed"), "brief");
    assert_eq!(world.commit(commit(free)).await, Ok(0));
}

pub async fn a_timer_is_fired_set_and_cleared_within_one_batch(world: &World) {
    let set = |name: &str, due| TimerOp::Set { name: name.into(), due };
    let start = ["again", "gone", "moved"].map(|name| set(name, 10));
    let step_with = |timers: &[TimerOp]| timers.iter().cloned().fold(step("a", 0), timing);
    world.commit(commit(step_with(&start))).await.unwrap();
    let fire = |expected, name: &str| Commit {
        fired: Some(Timer {
            key: key("a"),
            name: name.into(),
            due: 10,
        }),
        ..commit(step("a", expected))
    };
    let clear = TimerOp::Clear { name: "gone".into() };
    let batch = [
        fire(1, "again"),
        commit(timing(step("a", 2), set("again", 30))),
        fire(3, "gone"),
        commit(timing(step("a", 4), set("gone", 30))),
        commit(timing(step("a", 5), clear)),
        commit(timing(step("a", 6), set("moved", 40))),
        fire(7, "moved"),
    ];
    let outcomes = world.store.commit(&batch).await.unwrap();
    assert!(outcomes[..6].iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(outcomes[6], Err(Conflict::Applied));
    let timers = world.store.due(99, 10).await.unwrap();
    let timers: Vec<_> = timers.iter().map(|timer| (timer.name.as_str(), timer.due)).collect();
    assert_eq!(timers, [("again", 30), ("moved", 40)]);
}

pub async fn a_box_is_destroyed_and_filled_within_one_batch(world: &World) {
    let filled = sealing(0, vec![ballot("seat-1", 1), ballot("seat-2", 2)]);
    world.commit(filled).await.unwrap();
    let batch = [
        sealing(1, vec![ballot("seat-3", 3)]),
        sealing(2, vec![Seal::Destroy { key: key("review") }]),
        sealing(3, vec![ballot("seat-1", 9), ballot("seat-4", 4)]),
    ];
    let outcomes = world.store.commit(&batch).await.unwrap();
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let sealed = world.store.sealed(&key("review")).await.unwrap();
    assert_eq!(sealed, [("seat-1".into(), vec![9]), ("seat-4".into(), vec![4])]);
}

pub async fn views_of_a_batch_come_to_what_their_order_says(world: &World) {
    let write = |sql, args: &[Value]| Write {
        sql,
        args: args.to_vec(),
    };
    let keep = |dossier: &str, since, note: &str| {
        let sql = "INSERT INTO worklist (note, dossier, since) VALUES ($3, $1, $2) ON CONFLICT (dossier) DO NOTHING";
        write(sql, &[text(dossier), Value::Int(since), text(note)])
    };
    let renote = |dossier: &str, note: &str| {
        let sql = "INSERT INTO worklist (dossier, since, note) VALUES ($1, $2, $3) \
            ON CONFLICT (dossier) DO UPDATE SET note = excluded.note";
        write(sql, &[text(dossier), Value::Int(-1), text(note)])
    };
    let forget = |dossier: &str| write("DELETE FROM worklist WHERE dossier = $1", &[text(dossier)]);
    let later = || {
        write(
            "UPDATE worklist SET since = since + 100 WHERE since < $1",
            &[Value::Int(3)],
        )
    };
    let all = [
        noting("a", Some(1), Some("first")),
        noting("b", Some(2), None),
        noting("c", None, Some("third")),
        // Only those before it are later.
        later(),
        noting("d", Some(2), Some("not later")),
        // The same key again: the last one stands.
        noting("b", Some(7), Some("again")),
        keep("a", 9, "kept"),
        keep("e", 9, "new"),
        keep("e", 10, "newer"),
        // The first of these makes the row, the second one only writes over its note.
        renote("f", "made"),
        renote("f", "over"),
        renote("d", "over"),
        forget("c"),
        noting("c", Some(3), Some("returned")),
        forget("e"),
    ];
    // All in one commit, then each in one of its own.
    let one = Commit {
        views: all.to_vec(),
        ..commit(step("one", 0))
    };
    let each = (0..).zip(all).map(|(at, view)| Commit {
        views: vec![view],
        ..commit(step("each", at))
    });
    for batch in [vec![one], each.collect()] {
        let outcomes = world.store.commit(&batch).await.unwrap();
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        let sql = "SELECT dossier, since, note FROM worklist ORDER BY dossier";
        let rows = world.store.query(sql, &[]).await.unwrap();
        let row = |dossier, since, note| vec![text(dossier), Value::Int(since), text(note)];
        let expected = [
            row("a", 101, "first"),
            row("b", 7, "again"),
            row("c", 3, "returned"),
            row("d", 2, "over"),
            row("f", -1, "over"),
        ];
        assert_eq!(rows, expected);
        world.sql("DELETE FROM worklist").await.unwrap();
    }
}

pub async fn a_repeat_that_had_to_wait_gets_the_first_record(world: &World) {
    let (first, second) = (world.store.clone(), world.replica().await);
    world.commit(commit(step("a", 0))).await.unwrap();
    for round in 1..40 {
        let asking = || Commit {
            request: Some(request(&format!("r{round}"), 1)),
            ..commit(step("a", round))
        };
        let both = futures::future::join(one(&*first, asking()), one(&*second, asking())).await;
        let lost = if both.0.is_ok() { both.1 } else { both.0 };
        // To be told that it is stale would have it decided anew, and perhaps refused, though it was granted.
        let repeated = Err(Conflict::Repeated(Box::new(request(&format!("r{round}"), 1))));
        assert_eq!(lost, repeated, "round {round}");
    }
}

pub async fn of_two_that_look_at_each_other_one_moves(world: &World) {
    let (first, second) = (world.store.clone(), world.replica().await);
    world
        .store
        .commit(&[commit(step("a", 0)), commit(step("b", 0))])
        .await
        .unwrap();
    // None of these publishes anything: that the head has not moved does not say that nobody has.
    for round in 0..30 {
        let versions = [world.version(&key("a")).await, world.version(&key("b")).await];
        let new = format!("new {round}");
        let moving = |moved: usize| Commit {
            guards: vec![Guard {
                key: key(["a", "b"][1 - moved]),
                expected: versions[1 - moved],
            }],
            ..commit(step(["a", "b"][moved], versions[moved]))
        };
        let both = futures::future::join(one(&*first, moving(0)), one(&*second, moving(1))).await;
        assert!(both.0.is_ok() != both.1.is_ok(), "round {round}: {both:?}");
        // The same with one that does not exist yet.
        let making = commit(step(&new, 0));
        let missing = Commit {
            guards: vec![Guard {
                key: key(&new),
                expected: 0,
            }],
            ..commit(claiming(step(&format!("watcher {round}"), 0), &new))
        };
        let claimed = Commit {
            guards: vec![Guard {
                key: key(&format!("watcher {round}")),
                expected: 0,
            }],
            ..making
        };
        let both = futures::future::join(one(&*first, missing), one(&*second, claimed)).await;
        assert!(both.0.is_ok() != both.1.is_ok(), "round {round}: {both:?}");
    }
}
