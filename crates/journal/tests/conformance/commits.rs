use journal::{Commit, Conflict, Guard, Seal, Timer, TimerOp, Value};

use crate::world::*;

pub async fn an_aggregate_is_created_and_moved(world: &World) {
    assert_eq!(world.store.load(&[key("a")]).await.unwrap(), [None]);
    assert_eq!(world.commit(commit(published("a", 0))).await, Ok(1));
    let mut two = published("a", 1);
    two.entries.push(entry("input 3"));
    two.events.push(event());
    assert_eq!(world.commit(commit(two)).await, Ok(3));

    let loaded = world.store.load(&[key("none"), key("a"), key("a")]).await.unwrap();
    assert_eq!(loaded[0], None);
    let a = loaded[1].clone().unwrap();
    assert_eq!(loaded[2].as_ref(), Some(&a));
    assert_eq!(
        (a.version, a.seq, a.machine_version, &*a.snapshot),
        (3, 3, 1, &b"snapshot 2"[..])
    );

    let history = world.store.history(&key("a"), 0, 10).await.unwrap();
    assert_eq!(history.iter().map(|row| row.version).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(history[1].entry, entry("input 2"));
    assert_eq!(history[2].hash, a.head_hash);
    assert_ne!(history[0].salt, [0; 16]);
    assert!(history.iter().all(|row| row.salt == history[0].salt));
    assert_ne!(history[0].commitment, history[1].commitment);
    let events = world.store.events(0, 10).await.unwrap();
    assert_eq!(
        events
            .iter()
            .map(|e| (e.position, e.seq, e.version))
            .collect::<Vec<_>>(),
        [(1, 1, 1), (2, 2, 3), (3, 3, 3)]
    );
}

pub async fn a_step_on_an_old_version_is_stale(world: &World) {
    world.commit(commit(step("a", 0))).await.unwrap();
    let stale = |expected, found| {
        Err(Conflict::Stale {
            key: key("a"),
            expected,
            found,
        })
    };
    assert_eq!(world.commit(commit(step("a", 0))).await, stale(0, 1));
    assert_eq!(world.commit(commit(step("a", 2))).await, stale(2, 1));
    assert_eq!(world.version(&key("a")).await, 1);
    assert_eq!(world.store.history(&key("a"), 0, 10).await.unwrap().len(), 1);
}

pub async fn a_guard_on_an_old_version_is_stale(world: &World) {
    let guarded = |id: &str, expected| Commit {
        guards: vec![Guard {
            key: key("grants"),
            expected,
        }],
        ..commit(step(id, 0))
    };
    assert_eq!(world.commit(guarded("a", 0)).await, Ok(0));
    world.commit(commit(step("grants", 0))).await.unwrap();
    let stale = Err(Conflict::Stale {
        key: key("grants"),
        expected: 0,
        found: 1,
    });
    assert_eq!(world.commit(guarded("b", 0)).await, stale);
    assert_eq!(world.version(&key("b")).await, 0);
    assert_eq!(world.commit(guarded("b", 1)).await, Ok(0));
}

pub async fn a_conflict_in_the_middle_leaves_its_neighbours_alone(world: &World) {
    world.commit(commit(published("b", 0))).await.unwrap();
    let batch = [
        commit(published("a", 0)),
        commit(published("b", 0)),
        commit(published("c", 0)),
        commit(step("d", 0)),
    ];
    let outcomes = world.store.commit(&batch).await.unwrap();
    let stale = Err(Conflict::Stale {
        key: key("b"),
        expected: 0,
        found: 1,
    });
    assert_eq!(outcomes, [Ok(2), stale, Ok(3), Ok(3)]);
    assert_eq!(world.store.head().await.unwrap(), 3);
    assert_eq!(world.store.commit(&[]).await.unwrap(), []);
}

pub async fn two_commits_of_one_batch_may_move_one_aggregate(world: &World) {
    let batch = [
        commit(published("a", 0)),
        commit(published("a", 1)),
        commit(step("a", 1)),
    ];
    let outcomes = world.store.commit(&batch).await.unwrap();
    let stale = Err(Conflict::Stale {
        key: key("a"),
        expected: 1,
        found: 2,
    });
    assert_eq!(outcomes, [Ok(1), Ok(2), stale]);
    assert_eq!(world.version(&key("a")).await, 2);
    assert!(
        journal::verify(&*world.store, |_| ())
            .await
            .unwrap()
            .problems
            .is_empty()
    );
}

pub async fn one_commit_moves_many_aggregates_or_none(world: &World) {
    let letter = |expected| Commit {
        steps: vec![
            published("letter", expected),
            published("a", expected),
            published("b", 0),
        ],
        ..Commit::default()
    };
    assert_eq!(world.commit(letter(0)).await, Ok(3));
    assert_eq!(
        world.commit(letter(1)).await,
        Err(Conflict::Stale {
            key: key("b"),
            expected: 0,
            found: 1
        })
    );
    assert_eq!(world.version(&key("letter")).await, 1);
}

pub async fn a_claim_is_taken_once_and_can_be_released(world: &World) {
    let number = "decision/chu-tich-nuoc/2025/1001/QĐ-CTN";
    let taken = |holder: &str| {
        Err(Conflict::Taken {
            claim: number.into(),
            holder: key(holder),
        })
    };
    let batch = [
        commit(claiming(step("a", 0), number)),
        commit(claiming(step("b", 0), number)),
    ];
    assert_eq!(world.store.commit(&batch).await.unwrap(), [Ok(0), taken("a")]);
    assert_eq!(world.commit(commit(claiming(step("b", 0), number))).await, taken("a"));
    // Its own claim again is no conflict, and another's cannot be released.
    assert_eq!(world.commit(commit(claiming(step("a", 1), number))).await, Ok(0));
    assert_eq!(world.commit(commit(releasing(step("b", 0), number))).await, Ok(0));
    assert_eq!(world.commit(commit(claiming(step("b", 1), number))).await, taken("a"));
    // Given back and taken in one batch.
    let batch = [
        commit(releasing(step("a", 2), number)),
        commit(claiming(step("b", 1), number)),
    ];
    assert_eq!(world.store.commit(&batch).await.unwrap(), [Ok(0), Ok(0)]);
    assert_eq!(world.commit(commit(claiming(step("a", 3), number))).await, taken("b"));
    // Given back and taken again by the same.
    world.commit(commit(releasing(step("b", 2), number))).await.unwrap();
    assert_eq!(world.commit(commit(claiming(step("a", 3), number))).await, Ok(0));
}

pub async fn a_claim_passes_on_within_one_commit(world: &World) {
    world.commit(commit(claiming(step("a", 0), "n"))).await.unwrap();
    let pass = Commit {
        steps: vec![releasing(step("a", 1), "n"), claiming(step("b", 0), "n")],
        ..Commit::default()
    };
    assert_eq!(world.commit(pass).await, Ok(0));
    let again = commit(claiming(step("a", 2), "n"));
    assert_eq!(
        world.commit(again).await,
        Err(Conflict::Taken {
            claim: "n".into(),
            holder: key("b")
        })
    );
}

pub async fn a_repeated_request_gets_the_first_record(world: &World) {
    let asking = |id: &str, expected, digest| Commit {
        request: Some(request("r1", digest)),
        ..commit(step(id, expected))
    };
    let batch = [asking("a", 0, 1), asking("a", 1, 1)];
    let repeated = || Err(Conflict::Repeated(Box::new(request("r1", 1))));
    assert_eq!(world.store.commit(&batch).await.unwrap(), [Ok(0), repeated()]);
    assert_eq!(world.commit(asking("a", 0, 1)).await, repeated());
    assert_eq!(world.commit(asking("b", 7, 2)).await, repeated());
    assert_eq!(
        world.store.request("cb-001", "r1").await.unwrap(),
        Some(request("r1", 1))
    );
    assert_eq!(world.store.request("cb-002", "r1").await.unwrap(), None);
    // A commit that falls leaves no record: the same request may be decided anew.
    let fallen = Commit {
        request: Some(request("r2", 1)),
        ..commit(step("a", 5))
    };
    world.commit(fallen).await.unwrap_err();
    assert_eq!(world.store.request("cb-001", "r2").await.unwrap(), None);
}

pub async fn timers_are_set_replaced_and_cleared(world: &World) {
    let set = |name: &str, due| TimerOp::Set { name: name.into(), due };
    let due = async |now| {
        let timers = world.store.due(now, 10).await.unwrap();
        timers
            .into_iter()
            .map(|timer| format!("{}.{}@{}", timer.key.id, timer.name, timer.due))
            .collect::<Vec<_>>()
    };
    assert_eq!(world.store.next_due().await.unwrap(), None);
    world
        .commit(commit(timing(
            timing(step("a", 0), set("review", 20)),
            set("remind", 10),
        )))
        .await
        .unwrap();
    world
        .commit(commit(timing(step("b", 0), set("review", 15))))
        .await
        .unwrap();
    assert_eq!(world.store.next_due().await.unwrap(), Some(10));
    assert_eq!(due(15).await, ["a.remind@10", "b.review@15"]);
    assert_eq!(world.store.due(99, 1).await.unwrap().len(), 1);
    let clear = TimerOp::Clear { name: "remind".into() };
    world
        .commit(commit(timing(timing(step("a", 1), set("review", 5)), clear)))
        .await
        .unwrap();
    assert_eq!(due(99).await, ["a.review@5", "b.review@15"]);
}

pub async fn a_timer_fires_once(world: &World) {
    let set = |due| TimerOp::Set {
        name: "review".into(),
        due,
    };
    world.commit(commit(timing(step("a", 0), set(10)))).await.unwrap();
    let firing = |due| Timer {
        key: key("a"),
        name: "review".into(),
        due,
    };
    let fire = |expected, due| Commit {
        fired: Some(firing(due)),
        ..commit(step("a", expected))
    };
    assert_eq!(
        world.commit(fire(1, 9)).await,
        Err(Conflict::Applied),
        "it was moved meanwhile"
    );
    // Setting it anew while it fires keeps the new one.
    let again = Commit {
        fired: Some(firing(10)),
        ..commit(timing(step("a", 1), set(30)))
    };
    world.commit(again).await.unwrap();
    assert_eq!(world.store.next_due().await.unwrap(), Some(30));
    let twice = [fire(2, 30), fire(3, 30)];
    let outcomes = world.store.commit(&twice).await.unwrap();
    assert!(outcomes[0].is_ok());
    assert_eq!(outcomes[1], Err(Conflict::Applied));
    assert_eq!(world.store.next_due().await.unwrap(), None);
    // A firing that moves nothing only takes the timer away.
    world.commit(commit(timing(step("b", 0), set(5)))).await.unwrap();
    let forget = Commit {
        fired: Some(Timer {
            key: key("b"),
            name: "review".into(),
            due: 5,
        }),
        ..Commit::default()
    };
    world.commit(forget).await.unwrap();
    assert_eq!(world.store.next_due().await.unwrap(), None);
}

pub async fn a_sealed_box_is_filled_and_destroyed(world: &World) {
    world
        .commit(sealing(0, vec![ballot("seat-2", 2), ballot("seat-1", 1)]))
        .await
        .unwrap();
    world.commit(sealing(1, vec![ballot("seat-1", 3)])).await.unwrap();
    let sealed = world.store.sealed(&key("review")).await.unwrap();
    assert_eq!(sealed, [("seat-1".into(), vec![3]), ("seat-2".into(), vec![2])]);
    world
        .commit(sealing(1, vec![Seal::Destroy { key: key("review") }]))
        .await
        .unwrap_err();
    assert_eq!(world.store.sealed(&key("review")).await.unwrap().len(), 2);
    world
        .commit(sealing(
            2,
            vec![Seal::Destroy { key: key("review") }, ballot("seat-9", 9)],
        ))
        .await
        .unwrap();
    assert_eq!(
        world.store.sealed(&key("review")).await.unwrap(),
        [("seat-9".into(), vec![9])]
    );
}

pub async fn views_are_written_with_their_commit(world: &World) {
    let with = |id: &str, expected, note: &str| Commit {
        views: vec![noting(id, Some(5), Some(note))],
        ..commit(step(id, expected))
    };
    let batch = [
        with("a", 0, "first"),
        with("a", 0, "lost"),
        with("b", 0, "second"),
        with("b", 1, "third"),
    ];
    world.store.commit(&batch).await.unwrap();
    let rows = world.store.query(
        "SELECT dossier, note FROM worklist WHERE since = $1 ORDER BY dossier",
        &[Value::Int(5)],
    );
    let text = |text: &str| Value::Text(text.into());
    assert_eq!(
        rows.await.unwrap(),
        [vec![text("a"), text("first")], vec![text("b"), text("third")]]
    );
}

pub async fn positions_of_concurrent_writers_have_no_holes(world: &World) {
    let (first, second) = (world.store.clone(), world.replica().await);
    let writers = (0..8).map(|writer: usize| {
        let store = if writer.is_multiple_of(2) {
            first.clone()
        } else {
            second.clone()
        };
        tokio::spawn(async move {
            let mut positions = Vec::new();
            for version in 0..12 {
                let id = format!("w{writer}");
                positions.push(one(&*store, commit(published(&id, version))).await.unwrap());
            }
            positions
        })
    });
    // A reader that follows the positions meanwhile never finds a smaller one later.
    let reader = first.clone();
    let follow = tokio::spawn(async move {
        let (mut position, mut seen) = (0, 0);
        while seen < 96 {
            for row in reader.events(position, 10).await.unwrap() {
                assert_eq!(row.position, position + 1, "a hole, or an event that came late");
                position = row.position;
                seen += 1;
            }
            tokio::task::yield_now().await;
        }
    });
    let mut all = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        let positions = writer.await.unwrap();
        assert!(positions.is_sorted());
        all.extend(positions);
    }
    follow.await.unwrap();
    all.sort_unstable();
    assert_eq!(all, (1..=96).collect::<Vec<_>>());
    assert!(journal::verify(&*first, |_| ()).await.unwrap().problems.is_empty());
}

pub async fn concurrent_creation_ends_as_stale(world: &World) {
    let (first, second) = (world.store.clone(), world.replica().await);
    for round in 0..10 {
        let id = format!("a{round}");
        let claimed = |holder: &str| claiming(published(holder, 0), &format!("claim {round}"));
        let both = (
            one(&*first, commit(published(&id, 0))),
            one(&*second, commit(published(&id, 0))),
        );
        let outcomes = futures::future::join(both.0, both.1).await;
        let won = [&outcomes.0, &outcomes.1]
            .iter()
            .filter(|outcome| outcome.is_ok())
            .count();
        assert_eq!(won, 1, "{outcomes:?}");

        let (left, right) = (format!("l{round}"), format!("r{round}"));
        let both = (
            one(&*first, commit(claimed(&left))),
            one(&*second, commit(claimed(&right))),
        );
        let outcomes = futures::future::join(both.0, both.1).await;
        let taken = [&outcomes.0, &outcomes.1]
            .iter()
            .filter(|o| matches!(o, Err(Conflict::Taken { .. })))
            .count();
        assert_eq!(taken, 1, "{outcomes:?}");

        let asking = |id: &str| Commit {
            request: Some(request(&format!("r{round}"), 1)),
            ..commit(step(id, 0))
        };
        let (left, right) = (format!("x{round}"), format!("y{round}"));
        let both = (one(&*first, asking(&left)), one(&*second, asking(&right)));
        let outcomes = futures::future::join(both.0, both.1).await;
        let repeated = [&outcomes.0, &outcomes.1]
            .iter()
            .filter(|o| matches!(o, Err(Conflict::Repeated(_))))
            .count();
        assert_eq!(repeated, 1, "{outcomes:?}");
    }
}

pub async fn a_contended_aggregate_moves_once_per_version(world: &World) {
    let stores = [world.store.clone(), world.replica().await];
    let writers = (0..6).map(|writer: usize| {
        let store = stores[writer % 2].clone();
        tokio::spawn(async move {
            let mut won = 0;
            while won < 5 {
                let loaded = store.load(&[key("hot")]).await.unwrap();
                let version = loaded[0].as_ref().map_or(0, |loaded| loaded.version);
                match one(&*store, commit(published("hot", version))).await {
                    Ok(_) => won += 1,
                    Err(Conflict::Stale { .. }) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(world.version(&key("hot")).await, 30);
    assert!(
        journal::verify(&*world.store, |_| ())
            .await
            .unwrap()
            .problems
            .is_empty()
    );
}

pub async fn aggregates_moved_crosswise_do_not_fail(world: &World) {
    let stores = [world.store.clone(), world.replica().await];
    world
        .store
        .commit(&[commit(step("a", 0)), commit(step("b", 0))])
        .await
        .unwrap();
    let writers = (0..2).map(|writer: usize| {
        let store = stores[writer].clone();
        tokio::spawn(async move {
            let (moved, guarded) = if writer == 0 { ("a", "b") } else { ("b", "a") };
            for _ in 0..10 {
                let loaded = store.load(&[key(moved), key(guarded)]).await.unwrap();
                let versions: Vec<_> = loaded.iter().flatten().map(|loaded| loaded.version).collect();
                let guards = vec![Guard {
                    key: key(guarded),
                    expected: versions[1],
                }];
                // Stale is an answer; an error would not be.
                let _ = one(
                    &*store,
                    Commit {
                        guards,
                        ..commit(published(moved, versions[0]))
                    },
                )
                .await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert!(
        journal::verify(&*world.store, |_| ())
            .await
            .unwrap()
            .problems
            .is_empty()
    );
}
