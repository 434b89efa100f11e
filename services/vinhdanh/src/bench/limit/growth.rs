//! Cost by size: the same work in a store of about 1,000 dossiers and in one of very many.
//!
//! The many are copies: rows of finished dossiers, written again under other ids by the databases themselves, with
//! indexes, events, cursors and read models as real ones would have left them. Only their hashes are those of the
//! originals, so that `admin verify` must not be asked about such a store.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use journal::{Commit, Sql, Store, Value, Write};
use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use tokio::time::Instant;

use super::close;
use crate::{
    bench::{
        ground::Ground,
        report::{Report, rounded},
        sink::Sink,
        work,
    },
    client::SERVICES,
    output::note,
};

/// The smaller store.
const FEW: usize = 1_000;
/// Columns that hold the id of something that each dossier has of its own, alone or within a longer text.
const IDS: [&str; 8] = [
    "id",
    "aggregate",
    "dossier",
    "event_id",
    "claim",
    "request_id",
    "session",
    "entry",
];
/// Tables whose rows belong to no dossier, or to none that has ended.
const SHARED: [&str; 16] = [
    "migration",
    "epoch",
    "head",
    "cursor",
    "setting",
    "timer",
    "sealed",
    "dead_letter",
    "blob",
    "blob_chunk",
    "directory_replica",
    "directory_extract",
    "share_base",
    "council",
    "subscription",
    "revoked_award",
];
/// Aggregates that belong to no dossier.
const SHARED_KINDS: &str = "('approval.calendar', 'council.council', 'intake.base', 'notification.roll', \
    'notification.subscription', 'host.grants')";
/// Tables that know an aggregate by its number.
const NUMBERED: [&str; 3] = ["aggregate", "history", "event"];
/// Tables that know a producer's aggregate by its number.
const FED: [&str; 2] = ["applied", "inbox"];
const MARK: &str = "growth_";

/// The costs.
#[derive(Clone, Debug)]
pub struct Growth {
    few: usize,
    many: usize,
    small: Report,
    large: Report,
}

/// Measures so many dossiers in the small store, makes it large, measures as many again.
pub async fn measure(
    ground: &Ground,
    sink: &Sink,
    many: usize,
    next: &mut usize,
    (dossiers, in_flight): (usize, usize),
    now: &mut OffsetDateTime,
) -> anyhow::Result<Growth> {
    let before = *next - 1;
    if before < FEW {
        note(&format!("{FEW} hồ sơ / dossiers"));
        multiply(ground, before, FEW).await?;
    }
    let few = before.max(FEW);
    let small = sample(ground, sink, next, (dossiers, in_flight), now).await?;
    note(&format!("{many} hồ sơ / dossiers"));
    let many = multiply(ground, few + dossiers, many).await?;
    let large = sample(ground, sink, next, (dossiers, in_flight), now).await?;
    Ok(Growth {
        few,
        many,
        small,
        large,
    })
}

async fn sample(
    ground: &Ground,
    sink: &Sink,
    next: &mut usize,
    (dossiers, in_flight): (usize, usize),
    now: &mut OffsetDateTime,
) -> anyhow::Result<Report> {
    let site = ground.open(*now).await?;
    let report = work::play(&site, sink, *next..*next + dossiers, in_flight, now).await?;
    *next += dossiers;
    close(site).await?;
    Ok(report)
}

/// Copies until there are at least so many; how many there are then. The services are down.
pub async fn multiply(ground: &Ground, dossiers: usize, wanted: usize) -> anyhow::Result<usize> {
    let copies = wanted.saturating_sub(dossiers).div_ceil(dossiers.max(1));
    let mut heads = BTreeMap::new();
    for service in SERVICES.into_iter().filter(|service| *service != "directory") {
        let store = ground.store(service).await?;
        let began = Instant::now();
        copy(store.as_ref(), ground.is_postgres(), copies)
            .await
            .with_context(|| format!("copies of the rows of {service}"))?;
        heads.insert(service, store.head().await?);
        note(&format!("{service}: {:.0} s", began.elapsed().as_secs_f64()));
        store.close().await;
    }
    // What was copied is on the bus and was read, as far as anybody knows.
    for service in SERVICES {
        let store = ground.store(service).await?;
        for (producer, head) in &heads {
            let name = if *producer == service {
                "relay".to_owned()
            } else {
                format!("consumer.{producer}")
            };
            if store.cursor(&name).await? > 0 {
                store.set_cursor(&name, *head, false).await?;
            }
        }
        store.close().await;
    }
    ground.disk_bytes().await?;
    Ok(dossiers * (copies + 1))
}

/// A table with its columns, and whether each holds bytes.
type Table = (String, Vec<(String, bool)>);

async fn copy(store: &dyn Store, postgres: bool, copies: usize) -> anyhow::Result<()> {
    let tables = tables(store, postgres).await?;
    let events = store.head().await?;
    let numbers = greatest_number(store).await?;
    let mut first = vec![leak(format!("DROP TABLE IF EXISTS {MARK}none"))];
    for (table, columns) in &tables {
        let has = |name: &str| columns.iter().any(|(column, _)| column == name);
        let shared = if has("kind") && has("id") {
            format!(" WHERE kind NOT IN {SHARED_KINDS}")
        } else if NUMBERED.contains(&table.as_str()) {
            format!(" WHERE number IN (SELECT number FROM aggregate WHERE kind NOT IN {SHARED_KINDS})")
        } else {
            String::new()
        };
        first.push(leak(format!(
            "CREATE TABLE {MARK}{table} AS SELECT * FROM {table}{shared}"
        )));
    }
    run(store, postgres, first, &[]).await?;
    let inserts: Vec<Sql> = tables
        .iter()
        .map(|(table, columns)| insert(table, columns, postgres))
        .collect();
    let head = leak(format!("UPDATE head SET position = position + {events}"));
    for copy in 1..=copies {
        // Several runs of this leave copies of copies: their ids must differ too.
        let mark = Value::Text(format!("~{events}.{copy}"));
        let args = [
            mark,
            Value::Int(events * copy as i64),
            Value::Int(numbers * copy as i64),
        ];
        for sql in &inserts {
            run(store, postgres, vec![sql], &args).await?;
        }
        run(store, postgres, vec![head], &[]).await?;
    }
    let drops = tables
        .iter()
        .map(|(table, _)| leak(format!("DROP TABLE {MARK}{table}")));
    run(store, postgres, drops.collect(), &[]).await?;
    if postgres {
        // What is made next gets a number after those of the copies.
        for next in [
            "SELECT setval(pg_get_serial_sequence('aggregate', 'number'), MAX(number)) FROM aggregate",
            "SELECT setval(pg_get_serial_sequence('applied', 'number'), MAX(number)) FROM applied",
        ] {
            store.query(next, &[]).await?;
        }
    }
    Ok(())
}

/// Of aggregates, the service's own and those that it is told of.
async fn greatest_number(store: &dyn Store) -> anyhow::Result<i64> {
    let sql =
        "SELECT coalesce(MAX(number), 0) FROM (SELECT number FROM aggregate UNION ALL SELECT number FROM applied) n";
    match store.query(sql, &[]).await?.first().map(Vec::as_slice) {
        Some([Value::Int(number)]) => Ok(*number),
        _ => bail!("the numbers of the aggregates cannot be read"),
    }
}

/// The insertion of a copy of a table's rows. It takes the mark of the copy, the offset of its positions, and that of its
/// aggregates' numbers; and names all three, since PostgreSQL wants to know the type of each.
fn insert(table: &str, columns: &[(String, bool)], postgres: bool) -> Sql {
    let values: Vec<String> = columns
        .iter()
        .map(|(column, bytes)| match column.as_str() {
            // What stands behind the digits of a compact id is what came before them. An empty one is nobody's.
            id if IDS.contains(&id) && *bytes => {
                let marked = if postgres {
                    format!("{id} || convert_to(CAST($1 AS TEXT), 'UTF8')")
                } else {
                    format!("CAST({id} || CAST($1 AS TEXT) AS BLOB)")
                };
                format!("CASE WHEN length({id}) = 0 THEN {id} ELSE {marked} END")
            }
            id if IDS.contains(&id) => format!("{id} || CAST($1 AS TEXT)"),
            "position" if ["event", "inbox"].contains(&table) => "position + CAST($2 AS BIGINT)".to_owned(),
            "number" if NUMBERED.contains(&table) || FED.contains(&table) => "number + CAST($3 AS BIGINT)".to_owned(),
            other => other.to_owned(),
        })
        .collect();
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    leak(format!(
        "INSERT INTO {table} ({}) SELECT {} FROM {MARK}{table} \
            WHERE CAST($1 AS TEXT) <> '' AND CAST($2 AS BIGINT) >= 0 AND CAST($3 AS BIGINT) >= 0",
        names.join(", "),
        values.join(", ")
    ))
}

/// The tables of a store that hold rows of dossiers.
async fn tables(store: &dyn Store, postgres: bool) -> anyhow::Result<Vec<Table>> {
    let sql: Sql = if postgres {
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() \
            ORDER BY table_name, ordinal_position"
    } else {
        "SELECT t.name, c.name, c.type FROM sqlite_schema AS t, pragma_table_info(t.name) AS c \
            WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid"
    };
    let mut tables: Vec<Table> = Vec::new();
    for row in store.query(sql, &[]).await? {
        let [Value::Text(table), Value::Text(column), Value::Text(kind)] = row.as_slice() else {
            bail!("the columns of the tables cannot be read");
        };
        if SHARED.contains(&table.as_str()) {
            continue;
        }
        let column = (column.clone(), ["BLOB", "bytea"].contains(&kind.as_str()));
        match tables.last_mut() {
            Some((last, columns)) if last == table => columns.push(column),
            _ => tables.push((table.clone(), vec![column])),
        }
    }
    Ok(tables)
}

/// Statements made here live as long as the process: there are some dozens.
fn leak(sql: String) -> Sql {
    Box::leak(sql.into_boxed_str())
}

async fn run(store: &dyn Store, postgres: bool, statements: Vec<Sql>, args: &[Value]) -> anyhow::Result<()> {
    // Bulk statements outlast the bound of those that people wait for.
    let patience: &[Sql] = if postgres {
        &["SET LOCAL statement_timeout = '3600s'"]
    } else {
        &[]
    };
    let writes = patience
        .iter()
        .map(|sql| Write { sql, args: Vec::new() })
        .chain(statements.into_iter().map(|sql| Write {
            sql,
            args: args.to_vec(),
        }));
    let commit = Commit {
        views: writes.collect(),
        ..Commit::default()
    };
    let answers = store.commit(&[commit]).await?;
    if answers.iter().any(Result::is_err) {
        bail!("a copy was refused");
    }
    Ok(())
}

impl Growth {
    /// By time or by CPU of the services, whichever grew more.
    pub fn ratio(&self) -> f64 {
        let by_time = self.small.transitions_per_s() / self.large.transitions_per_s();
        by_time.max(self.large.cpu_s_per_1000() / self.small.cpu_s_per_1000())
    }

    /// For programs.
    pub fn json(&self) -> Json {
        let of = |dossiers: usize, report: &Report| {
            json!({
                "dossiers": dossiers,
                "transitions_per_s": rounded(report.transitions_per_s()),
                "p99_ms": rounded(report.latency_ms(0.99)),
                "cpu_s_per_1000": rounded(report.cpu_s_per_1000()),
            })
        };
        json!({"small": of(self.few, &self.small), "large": of(self.many, &self.large), "ratio": rounded(self.ratio())})
    }

    /// For people.
    pub fn rows(&self) -> [(String, String); 2] {
        [(self.few, &self.small), (self.many, &self.large)].map(|(dossiers, report)| {
            let what = format!("Kho có {dossiers} hồ sơ: bước/s, CPU / with {dossiers} dossiers: transitions/s, CPU");
            let (per_s, cpu) = (report.transitions_per_s(), report.cpu_s_per_1000());
            (what, format!("{per_s:.0}, {cpu:.2} s"))
        })
    }
}
