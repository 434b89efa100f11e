//! Statements and values in SQLite's types.

use sqlx::{Row as _, SqliteConnection, TypeInfo, ValueRef, query::Query, sqlite::SqliteArguments, sqlite::SqliteRow};

use crate::{Row, Sql, Value, value::Arg};

fn bound<'q>(sql: Sql, args: &[Arg<'_>]) -> Query<'q, sqlx::Sqlite, SqliteArguments> {
    args.iter().fold(sqlx::query(sql), |query, arg| match *arg {
        Arg::Null => query.bind(None::<i64>),
        Arg::Int(int) => query.bind(int),
        Arg::Text(text) => query.bind(text.to_owned()),
        Arg::Bytes(bytes) => query.bind(bytes.to_owned()),
    })
}

/// Runs a query.
pub(super) async fn rows(
    connection: &mut SqliteConnection,
    sql: Sql,
    args: &[Arg<'_>],
) -> Result<Vec<Row>, sqlx::Error> {
    bound(sql, args)
        .fetch_all(connection)
        .await?
        .iter()
        .map(values)
        .collect()
}

/// Runs a statement; answers how many rows it changed.
pub(super) async fn run(connection: &mut SqliteConnection, sql: Sql, args: &[Arg<'_>]) -> Result<u64, sqlx::Error> {
    Ok(bound(sql, args).execute(connection).await?.rows_affected())
}

fn values(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    (0..row.len()).map(|index| value(row, index)).collect()
}

fn value(row: &SqliteRow, index: usize) -> Result<Value, sqlx::Error> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    match raw.type_info().name() {
        "INTEGER" | "INT4" | "INT8" | "BOOLEAN" => Ok(Value::Int(row.try_get_unchecked(index)?)),
        "TEXT" => Ok(Value::Text(row.try_get_unchecked(index)?)),
        "BLOB" => Ok(Value::Bytes(row.try_get_unchecked(index)?)),
        other => Err(sqlx::Error::ColumnDecode {
            index: index.to_string(),
            source: format!("{other} is not of the types that both stores have: integer, text, bytes").into(),
        }),
    }
}
