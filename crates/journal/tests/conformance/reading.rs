use journal::{Commit, Key, Value, Write};

use crate::world::*;

pub async fn history_and_events_are_paged(world: &World) {
    for id in ["b", "a", "c"] {
        for version in 0..3 {
            world.commit(commit(published(id, version))).await.unwrap();
        }
    }
    let history = world.store.history(&key("a"), 1, 1).await.unwrap();
    assert_eq!(history.iter().map(|row| row.version).collect::<Vec<_>>(), [2]);
    let events = world.store.events(7, 10).await.unwrap();
    assert_eq!(
        events
            .iter()
            .map(|row| (row.position, row.key.id.as_str()))
            .collect::<Vec<_>>(),
        [(8, "c"), (9, "c")]
    );
    let events = world.store.events_of(&key("a"), 1, 10).await.unwrap();
    assert_eq!(
        events.iter().map(|row| (row.seq, row.position)).collect::<Vec<_>>(),
        [(2, 5), (3, 6)]
    );
    assert_eq!(events[0].event.body, [0, 1, 255]);
    assert_eq!(world.store.keys(None, 2).await.unwrap(), [key("a"), key("b")]);
    assert_eq!(world.store.keys(Some(&key("b")), 2).await.unwrap(), [key("c")]);
    // In whatever order: each once, and its history with it.
    let (mut walked, mut at): (Vec<Key>, (i64, u64)) = (Vec::new(), (0, 0));
    while let [(number, next)] = &world.store.numbered(at.0, 1).await.unwrap()[..] {
        let of_next = world.store.history(&next.key, 0, 10).await.unwrap();
        for row in of_next {
            let accepted = world.store.accepted(at, *number, 1).await.unwrap();
            let [one] = &accepted[..] else { panic!("{accepted:?}") };
            assert_eq!((one.number, one.version, one.at), (*number, row.version, row.entry.at));
            let (entry, content) = (&row.entry, (&one.actor, &one.input, &one.state, one.outcome));
            assert_eq!(content, (&entry.actor, &entry.input, &entry.state, entry.outcome));
            at = (one.number, one.version);
        }
        assert_eq!(world.store.accepted(at, *number, 1).await.unwrap(), []);
        walked.push(next.key.clone());
    }
    walked.sort();
    assert_eq!(walked, [key("a"), key("b"), key("c")]);
    assert_eq!(world.store.head().await.unwrap(), 9);
}

pub async fn values_keep_their_types(world: &World) {
    let args = [
        Value::Int(i64::MAX),
        Value::Text("Huân chương".into()),
        Value::Bytes(vec![0, 255]),
    ];
    let sql = "SELECT CAST($1 AS BIGINT), $2, length($3), COUNT(*) FROM setting";
    let row = vec![
        Value::Int(i64::MAX),
        Value::Text("Huân chương".into()),
        Value::Int(2),
        Value::Int(0),
    ];
    assert_eq!(world.store.query(sql, &args).await.unwrap(), [row]);
    // A sum is NUMERIC in PostgreSQL.
    for (id, since) in [("a", 9_999_999_999), ("b", -10_000), ("c", 1)] {
        let views = vec![noting(id, Some(since), None)];
        world
            .commit(Commit {
                views,
                ..commit(step(id, 0))
            })
            .await
            .unwrap();
    }
    let sql = "SELECT SUM(since), MAX(since), SUM(since) - SUM(since), COALESCE(SUM(since), 0) * -1, \
        CASE WHEN SUM(since) > 0 THEN 1 ELSE 0 END, MIN(note), since > 0 FROM worklist GROUP BY since ORDER BY since LIMIT 1";
    let int = Value::Int;
    let row = vec![
        int(-10_000),
        int(-10_000),
        int(0),
        int(10_000),
        int(0),
        Value::Null,
        int(0),
    ];
    assert_eq!(world.store.query(sql, &[]).await.unwrap(), [row]);
    let sql = "SELECT SUM(since) FROM worklist";
    assert_eq!(world.store.query(sql, &[]).await.unwrap(), [vec![int(9_999_990_000)]]);
}

pub async fn nulls_fit_every_column(world: &World) {
    // In both orders: the statement that is prepared first must not fix the types for the next.
    let values = [(None, None), (Some(1), Some("x")), (None, Some("y")), (Some(2), None)];
    for (version, (since, note)) in values.into_iter().enumerate() {
        let views = vec![noting("a", since, note)];
        world
            .commit(Commit {
                views,
                ..commit(step("a", version as u64))
            })
            .await
            .unwrap();
        let row = world
            .store
            .query("SELECT since, note FROM worklist", &[])
            .await
            .unwrap()
            .pop()
            .unwrap();
        let note = note.map_or(Value::Null, |note| Value::Text(note.into()));
        assert_eq!(row, [since.map_or(Value::Null, Value::Int), note]);
    }
}

pub async fn a_wrong_statement_is_not_prepared(world: &World) {
    world
        .store
        .prepare("SELECT note FROM worklist WHERE since > $1 AND dossier = $2")
        .await
        .unwrap();
    world
        .store
        .prepare("UPDATE worklist SET note = $1 WHERE dossier = $2")
        .await
        .unwrap();
    world.store.prepare("SELECT nothing FROM worklist").await.unwrap_err();
    // A view that cannot be written fails its commit as a whole.
    let views = vec![Write {
        sql: "INSERT INTO nowhere (a) VALUES ($1)",
        args: vec![Value::Int(1)],
    }];
    world
        .store
        .commit(&[Commit {
            views,
            ..commit(published("a", 0))
        }])
        .await
        .unwrap_err();
    assert_eq!(world.version(&key("a")).await, 0);
    assert_eq!(world.commit(commit(published("a", 0))).await, Ok(1));
}

pub async fn settings_are_kept(world: &World) {
    assert_eq!(world.store.setting("epoch").await.unwrap(), None);
    for value in ["1", "2"] {
        world.store.set_setting("epoch", value).await.unwrap();
        assert_eq!(world.store.setting("epoch").await.unwrap().as_deref(), Some(value));
    }
}
