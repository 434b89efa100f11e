//! Every statement of every read model is prepared on both stores.

use std::sync::Arc;

use host::Service;
use journal::{Location, Migration};

fn services() -> Vec<Arc<dyn Service>> {
    vec![
        Arc::new(directory::Directory),
        Arc::new(intake::Intake {
            attachment_bytes_max: 1,
        }),
        Arc::new(approval::Approval),
        Arc::new(council::Council),
        Arc::new(notification::Notification::new(notification::NotificationConfig {
            webhook_private: true,
            mail: None,
        })),
    ]
}

async fn prepare_all(location: &Location) {
    for service in services() {
        let postgres = matches!(location, Location::Postgres(_));
        let migrations: Vec<Migration> = service
            .migrations(postgres)
            .iter()
            .copied()
            .chain([host::replica::MIGRATION])
            .collect();
        let store = journal::open(location, service.name(), Vec::leak(migrations))
            .await
            .expect("a store");
        let statements =
            service
                .statements()
                .into_iter()
                .chain([host::replica::PUT, host::replica::FORGET, host::replica::ALL]);
        for sql in statements {
            store
                .prepare(sql)
                .await
                .unwrap_or_else(|e| panic!("{}: {e:?}\n{sql}", service.name()));
        }
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let data = tempfile::tempdir().expect("a folder");
    prepare_all(&Location::Directory(data.path().to_owned())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    prepare_all(&Location::Postgres(testkit::Postgres::shared().fresh_database())).await;
}
