use journal::packed::pack_pair;

use crate::world::*;

async fn filled(world: &World) {
    for id in ["a", "b"] {
        for version in 0..4 {
            world.commit(commit(published(id, version))).await.unwrap();
        }
    }
    world.drop_triggers().await;
}

async fn problems(world: &World) -> Vec<String> {
    let verified = journal::verify(&*world.store, |_| ()).await.unwrap();
    verified
        .problems
        .into_iter()
        .map(|found| format!("{} {}: {}", found.key.id, found.version, found.what))
        .collect()
}

/// Rows of history of one aggregate.
fn of(id: &str) -> String {
    format!("number = (SELECT number FROM aggregate WHERE id = '{id}')")
}

fn bytes(world: &World, hex: &str) -> String {
    if world.is_sqlite() {
        format!("X'{hex}'")
    } else {
        format!("'\\x{hex}'")
    }
}

pub async fn an_honest_store_verifies(world: &World) {
    filled(world).await;
    let mut told = Vec::new();
    let verified = journal::verify(&*world.store, |done| told.push(done)).await.unwrap();
    assert_eq!((verified.aggregates, verified.rows, verified.events), (2, 8, 8));
    assert_eq!(verified.problems, []);
    assert_eq!(told, [1, 2]);
}

pub async fn a_changed_input_is_found(world: &World) {
    filled(world).await;
    for (id, version, other_actor) in [("a", 2, false), ("b", 4, true)] {
        let row = &world.store.history(&key(id), version - 1, 1).await.unwrap()[0];
        let content = if other_actor {
            pack_pair("khác", &row.entry.input)
        } else {
            pack_pair(&row.entry.actor, b"{")
        };
        let content = bytes(world, &hex::encode(content));
        let sql = format!(
            "UPDATE history SET content = {content} WHERE {} AND version = {version}",
            of(id)
        );
        world.sql(&sql).await.unwrap();
    }
    world
        .sql(&format!(
            "UPDATE history SET state = 'Awarded' WHERE {} AND version = 1",
            of("b")
        ))
        .await
        .unwrap();
    let what = "the hash does not follow from the row and the one before";
    assert_eq!(
        problems(world).await,
        ["a 2", "b 1", "b 4"].map(|row| format!("{row}: {what}"))
    );
}

pub async fn a_changed_input_is_found_beside_the_commitment_to_what_it_was(world: &World) {
    filled(world).await;
    let row = &world.store.history(&key("a"), 1, 1).await.unwrap()[0];
    let content = bytes(world, &hex::encode(pack_pair(&row.entry.actor, b"{")));
    let was = bytes(world, &hex::encode(row.commitment));
    world
        .sql(&format!(
            "UPDATE history SET content = {content}, commitment = {was} WHERE {} AND version = 2",
            of("a")
        ))
        .await
        .unwrap();
    let expected = ["a 2: input or actor are not those that were committed to"];
    assert_eq!(problems(world).await, expected);
}

pub async fn an_unreadable_row_is_found_and_hides_no_other_aggregate(world: &World) {
    filled(world).await;
    let garbage = bytes(world, "ff00");
    let sql = format!(
        "UPDATE history SET content = {garbage} WHERE {} AND version = 2",
        of("a")
    );
    world.sql(&sql).await.unwrap();
    let sql = format!("UPDATE history SET state = 'x' WHERE {} AND version = 3", of("b"));
    world.sql(&sql).await.unwrap();
    let found = problems(world).await;
    assert!(
        found[0].starts_with("a 0: ") && found[0].contains("content"),
        "{found:?}"
    );
    assert!(found[1].starts_with("b 3: "), "{found:?}");
    assert_eq!(found.len(), 2);
}

pub async fn a_missing_row_is_found(world: &World) {
    filled(world).await;
    world
        .sql(&format!("DELETE FROM history WHERE {} AND version = 2", of("a")))
        .await
        .unwrap();
    world
        .sql(&format!("DELETE FROM history WHERE {} AND version > 2", of("b")))
        .await
        .unwrap();
    let expected = [
        "a 2: 1 rows of history are missing from here on",
        "b 3: the last 2 rows of history are missing",
    ];
    assert_eq!(problems(world).await, expected);
}

pub async fn a_changed_hash_is_found(world: &World) {
    filled(world).await;
    let hash = bytes(world, &"ab".repeat(32));
    world
        .sql(&format!(
            "UPDATE history SET hash = {hash} WHERE {} AND version = 2",
            of("a")
        ))
        .await
        .unwrap();
    world
        .sql(&format!("UPDATE aggregate SET head = {hash} WHERE id = 'b'"))
        .await
        .unwrap();
    let link = "the hash does not follow from the row and the one before";
    let head = "the last hash is not the one that the aggregate holds";
    assert_eq!(
        problems(world).await,
        [format!("a 2: {link}"), format!("a 3: {link}"), format!("b 4: {head}")]
    );
}

pub async fn a_forged_end_is_found(world: &World) {
    filled(world).await;
    world
        .sql("UPDATE aggregate SET version = 3 WHERE id = 'a'")
        .await
        .unwrap();
    let found = problems(world).await;
    assert!(
        found.contains(&"a 4: history goes on after the aggregate's version".into()),
        "{found:?}"
    );
}

pub async fn a_missing_event_is_found(world: &World) {
    filled(world).await;
    world.sql("DELETE FROM event WHERE position IN (2, 8)").await.unwrap();
    let expected = [
        "a 2: events are missing: seq 2 to 2",
        "b 4: events are missing: seq 4 to 4",
        " 2: positions are missing: 2 to 2",
        " 8: positions are missing: 8 to 8",
    ];
    assert_eq!(problems(world).await, expected);
}

pub async fn a_lost_aggregate_is_found(world: &World) {
    filled(world).await;
    world.sql("DELETE FROM aggregate WHERE id = 'a'").await.unwrap();
    assert_eq!(
        problems(world).await,
        ["1 0: history or events without their aggregate"]
    );
}

pub async fn history_and_events_cannot_be_edited(world: &World) {
    world.commit(commit(published("a", 0))).await.unwrap();
    for sql in [
        "DELETE FROM history",
        "UPDATE history SET state = 'x'",
        "DELETE FROM event",
        "UPDATE event SET seq = 9",
    ] {
        world.sql(sql).await.unwrap_err();
    }
    assert_eq!(problems(world).await, Vec::<String>::new());
}

pub async fn a_lowered_head_is_found(world: &World) {
    filled(world).await;
    world.sql("UPDATE head SET position = 7").await.unwrap();
    assert_eq!(problems(world).await, [" 8: an event lies beyond the head"]);
}
