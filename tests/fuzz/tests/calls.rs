//! Running services, called with what nobody would send: no answer blames us or nobody, nothing that was refused leaves a
//! trace, memory stays flat, and a dossier still passes afterwards.

use std::collections::BTreeSet;

use fuzz::{calls::Report, house::House, memory::resident_kib, wire::Shapes};
use rusqlite::{Connection, OpenFlags};
use vinhdanh::client::SERVICES;

/// Calls in each of the two storms.
const CALLS: usize = 4_000;
/// Caches with bounds are filled by the first storm.
const GROWTH_KIB: u64 = 64 << 10;

fn assert_clean(report: &Report, who: &str) {
    println!("{who}: {:?}", report.codes);
    let shown: Vec<_> = report.findings.iter().take(10).collect();
    assert!(
        report.findings.is_empty(),
        "{} findings, e.g. {shown:#?}",
        report.findings.len()
    );
}

fn open(data: &std::path::Path, service: &str) -> Connection {
    let file = data.join(format!("{service}.db"));
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the database")
}

/// How many rows each table has, and the sum of all versions: positions of consumers are noted now and then, and say
/// nothing.
fn held(database: &Connection) -> Vec<(String, i64)> {
    let one = |sql: &str| database.query_row(sql, [], |row| row.get(0)).expect("a number");
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'cursor' ORDER BY name";
    let mut statement = database.prepare(sql).expect("its tables");
    let names = statement
        .query_map([], |row| row.get::<_, String>(0))
        .expect("its tables");
    let counted = names.map(|name| {
        let name = name.expect("a name");
        let rows = one(&format!("SELECT count(*) FROM \"{name}\""));
        (name, rows)
    });
    let mut held: Vec<_> = counted.collect();
    let versions = one("SELECT coalesce(sum(version), 0) FROM aggregate");
    held.push(("versions".to_owned(), versions));
    held
}

fn remembered(database: &Connection) -> BTreeSet<String> {
    let sql = "SELECT request_id FROM history UNION SELECT request_id FROM request";
    let mut statement = database.prepare(sql).expect("request ids");
    let rows = statement
        .query_map([], |row| row.get::<_, Vec<u8>>(0))
        .expect("request ids");
    let ids = rows.map(|row| journal::compact::text(&row.expect("a row")).expect("a compact id"));
    ids.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_breaks_the_services() {
    let data = tempfile::tempdir().expect("a folder");
    let house = House::start(data.path(), None).await;
    let methods = Shapes::compiled().rpcs.len();
    house.a_dossier_passes("100/QĐ-UBND").await;
    house.is_quiet().await;
    let databases = SERVICES.map(|service| open(data.path(), service));

    let before = databases.each_ref().map(held);
    let report = house.strangers().blow(&house.url(), CALLS, 1).await;
    assert_clean(&report, "strangers");
    let known = |path: &&String| !path.ends_with('x');
    assert!(
        report.called.iter().filter(known).count() >= methods,
        "every method was called"
    );
    assert_eq!(report.codes.get("Ok"), None, "no stranger is let in");
    assert_eq!(databases.each_ref().map(held), before, "nothing was written");

    // The first legs fill what has a bound; the later ones must not add to it.
    let mut report = house.people().blow(&house.url(), CALLS, 2).await;
    assert_clean(&report, "people");
    let warm = resident_kib();
    for seed in 3..5 {
        let more = house.people().blow(&house.url(), CALLS / 2, seed).await;
        assert_clean(&more, "people");
        report.refused.extend(more.refused);
        report.accepted.extend(more.accepted);
    }
    assert!(
        resident_kib() < warm + GROWTH_KIB,
        "from {warm} to {} KiB",
        resident_kib()
    );

    for (database, service) in databases.iter().zip(SERVICES) {
        let left: Vec<_> = remembered(database)
            .into_iter()
            .filter(|id| report.refused.contains(id) && !report.accepted.contains(id))
            .collect();
        assert_eq!(
            left,
            Vec::<String>::new(),
            "{service} remembers requests that it refused"
        );
    }
    house.a_dossier_passes("101/QĐ-UBND").await;
    house.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_those_on_postgresql() {
    let data = tempfile::tempdir().expect("a folder");
    let database = testkit::Postgres::shared().fresh_database();
    let house = House::start(data.path(), Some(database)).await;
    let report = house.people().blow(&house.url(), CALLS / 2, 5).await;
    assert_clean(&report, "people, on PostgreSQL");
    house.a_dossier_passes("102/QĐ-UBND").await;
    house.is_sound().await;
}
