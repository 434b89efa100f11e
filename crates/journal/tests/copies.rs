//! Copies of SQLite stores: of one moment, while the store is written.

use journal::{Commit, Entry, Key, NewEvent, Step, offline};

fn commit(version: u64) -> Commit {
    let event = NewEvent {
        event_id: format!("event-{version}"),
        event_type: "dossier.submitted".into(),
        agency: "ubnd-tinh".into(),
        body: vec![7; 512],
        at: 1,
        traceparent: String::new(),
    };
    let entry = Entry {
        input: b"input".to_vec(),
        actor: String::new(),
        at: 1,
        request_id: String::new(),
        cause: String::new(),
        traceparent: String::new(),
        state: "drafting".into(),
        outcome: [7; 16],
    };
    let step = Step {
        key: Key::new("intake.dossier", "a"),
        expected: version - 1,
        seq: version - 1,
        machine_version: 1,
        entries: vec![entry],
        snapshot: b"snapshot".to_vec(),
        events: vec![event],
        timers: Vec::new(),
        claims: Vec::new(),
    };
    Commit {
        steps: vec![step],
        ..Commit::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_a_store_that_is_written_verifies_and_ends_at_its_head() {
    let folder = tempfile::tempdir().unwrap();
    let location = journal::Location::Directory(folder.path().to_owned());
    let store = journal::open(&location, "intake", &[]).await.unwrap();
    store.begin_history("first", "secret", 1).await.unwrap();
    for version in 1..=50 {
        store.commit(&[commit(version)]).await.unwrap()[0].as_ref().unwrap();
    }
    let copies = folder.path().join("copies");
    std::fs::create_dir(&copies).unwrap();
    let file = copies.join("intake.db");
    let source = folder.path().join("intake.db");
    let (copied, ()) = futures::future::join(offline::copy(&source, &file), async {
        for version in 51..=100 {
            store.commit(&[commit(version)]).await.unwrap()[0].as_ref().unwrap();
        }
    })
    .await;
    let copied = copied.unwrap();
    assert!((50..=100).contains(&copied.head) && copied.epoch == 1, "{copied:?}");
    assert_eq!(offline::look(&file).await.unwrap(), copied, "looking changes nothing");
    // An existing copy is not written over.
    offline::copy(&source, &file).await.unwrap_err();

    let restored = journal::open(&journal::Location::Directory(copies), "intake", &[])
        .await
        .unwrap();
    let verified = journal::verify(restored.as_ref(), |_| {}).await.unwrap();
    assert_eq!((verified.rows as i64, verified.problems.len()), (copied.head, 0));

    let mut bytes = std::fs::read(&file).unwrap();
    restored.close().await;
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0xff);
    let damaged = folder.path().join("damaged.db");
    std::fs::write(&damaged, bytes).unwrap();
    assert!(
        offline::look(&damaged)
            .await
            .map_or(true, |found| found.sha256 != copied.sha256)
    );
}
