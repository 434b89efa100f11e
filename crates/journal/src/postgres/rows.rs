//! Statements and values in PostgreSQL's types.

use sqlx::{
    Encode, PgConnection, Postgres, Row as _, Type, TypeInfo, ValueRef,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgArguments, PgRow, PgTypeInfo, types::Oid},
    query::Query,
};

use crate::{Row, Sql, Value, value::Arg};

/// A NULL whose type the server chooses by the column that it meets.
struct Null;

impl Type<Postgres> for Null {
    fn type_info() -> PgTypeInfo {
        // "unknown", the type of a bare literal.
        PgTypeInfo::with_oid(Oid(705))
    }
}

impl Encode<'_, Postgres> for Null {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

fn bound<'q>(sql: Sql, args: &'q [Arg<'q>]) -> Query<'q, Postgres, PgArguments> {
    // The driver keeps prepared statements by their text alone. One that was prepared with a NULL has a type that the
    // server chose, not the one of the next value, so it is not kept.
    let keep = !args.iter().any(|arg| matches!(arg, Arg::Null));
    let query = args.iter().fold(sqlx::query(sql), |query, arg| match *arg {
        Arg::Null => query.bind(Null),
        Arg::Int(int) => query.bind(int),
        Arg::Text(text) => query.bind(text),
        Arg::Bytes(bytes) => query.bind(bytes),
    });
    query.persistent(keep)
}

/// Runs a query.
pub(super) async fn rows(connection: &mut PgConnection, sql: Sql, args: &[Arg<'_>]) -> Result<Vec<Row>, sqlx::Error> {
    all(bound(sql, args), connection).await
}

/// Runs a statement; answers how many rows it changed.
pub(super) async fn run(connection: &mut PgConnection, sql: Sql, args: &[Arg<'_>]) -> Result<u64, sqlx::Error> {
    Ok(bound(sql, args).execute(connection).await?.rows_affected())
}

/// Runs a query with arguments of its own.
pub(super) async fn all(
    query: Query<'_, Postgres, PgArguments>,
    connection: &mut PgConnection,
) -> Result<Vec<Row>, sqlx::Error> {
    query.fetch_all(connection).await?.iter().map(values).collect()
}

fn values(row: &PgRow) -> Result<Row, sqlx::Error> {
    (0..row.len()).map(|index| value(row, index)).collect()
}

fn value(row: &PgRow, index: usize) -> Result<Value, sqlx::Error> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let unfit = |detail: String| sqlx::Error::ColumnDecode {
        index: index.to_string(),
        source: detail.into(),
    };
    let info = raw.type_info().into_owned();
    match info.name() {
        "INT8" => Ok(Value::Int(row.try_get(index)?)),
        "INT4" => Ok(Value::Int(row.try_get::<i32, _>(index)?.into())),
        "INT2" => Ok(Value::Int(row.try_get::<i16, _>(index)?.into())),
        "BOOL" => Ok(Value::Int(row.try_get::<bool, _>(index)?.into())),
        "NUMERIC" => {
            let bytes = raw.as_bytes().map_err(|error| unfit(error.to_string()))?;
            let int = whole_number(bytes).ok_or_else(|| unfit("the number is not whole, or too large".to_owned()))?;
            Ok(Value::Int(int))
        }
        "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "UNKNOWN" => Ok(Value::Text(row.try_get_unchecked(index)?)),
        "BYTEA" => Ok(Value::Bytes(row.try_get(index)?)),
        other => Err(unfit(format!(
            "{other} is not of the types that both stores have: integer, text, bytes"
        ))),
    }
}

/// Reads a NUMERIC (what a sum of BIGINT is) in the binary format: count, weight, sign and scale of two bytes each,
/// then digits to the base of 10000.
fn whole_number(bytes: &[u8]) -> Option<i64> {
    let mut words = bytes.chunks_exact(2).map(|word| i16::from_be_bytes([word[0], word[1]]));
    let (_count, weight, sign, _scale) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let sign = match sign {
        0 => 1,
        0x4000 => -1,
        // Not a number, or infinite.
        _ => return None,
    };
    let mut number: i128 = 0;
    let mut place = weight;
    for digit in words {
        if place < 0 && digit != 0 {
            return None;
        }
        if place >= 0 {
            number = number.checked_mul(10_000)?.checked_add(digit.into())?;
        }
        place -= 1;
    }
    // Zeros at the end are not sent.
    for _ in 0..=place {
        number = number.checked_mul(10_000)?;
    }
    i64::try_from(sign * number).ok()
}
