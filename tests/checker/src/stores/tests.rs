use super::*;

#[tokio::test]
async fn both_stores_take_every_statement() {
    let folder = tempfile::tempdir().expect("a folder");
    let locations = [
        Location::Directory(folder.path().to_owned()),
        Location::Postgres(testkit::Postgres::shared().fresh_database()),
    ];
    for location in locations {
        let store = journal::open(&location, "intake", &[]).await.expect("a store");
        for sql in STATEMENTS {
            store
                .prepare(sql)
                .await
                .unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        let books = one("intake", Vec::new(), store.as_ref())
            .await
            .expect("an empty store is read");
        assert!(books.aggregates.is_empty() && books.events.is_empty());
    }
}
