//! Statements and values in SQLite's types.

use rusqlite::{
    Connection, Error, Statement, ToSql,
    types::{ToSqlOutput, Type, ValueRef},
};

use crate::{Row, Sql, Value, value::Arg};

impl ToSql for Arg<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Arg::Null => ValueRef::Null,
            Arg::Int(int) => ValueRef::Integer(int),
            Arg::Text(text) => ValueRef::Text(text.as_bytes()),
            Arg::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Runs a query.
pub(super) fn rows(connection: &Connection, sql: Sql, args: &[Arg<'_>]) -> Result<Vec<Row>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, args)?;
    let columns = statement.column_count();
    let mut found = statement.raw_query();
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        rows.push(
            (0..columns)
                .map(|at| value(row.get_ref(at)?, at))
                .collect::<Result<_, _>>()?,
        );
    }
    Ok(rows)
}

/// Runs a statement; answers how many rows it changed.
pub(super) fn run(connection: &Connection, sql: Sql, args: &[Arg<'_>]) -> Result<u64, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, args)?;
    statement.raw_execute().map(|rows| rows as u64)
}

/// Binds `$1`, `$2`, …: to SQLite they are names, counted in the order in which they first appear.
fn bind(statement: &mut Statement<'_>, args: &[Arg<'_>]) -> Result<(), Error> {
    for index in 1..=statement.parameter_count() {
        let number = statement
            .parameter_name(index)
            .and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let arg = number.and_then(|number| args.get(number.checked_sub(1)?));
        statement.raw_bind_parameter(index, arg.ok_or(Error::InvalidParameterCount(args.len(), index))?)?;
    }
    Ok(())
}

fn value(raw: ValueRef<'_>, at: usize) -> Result<Value, Error> {
    Ok(match raw {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(int) => Value::Int(int),
        ValueRef::Text(text) => Value::Text(
            std::str::from_utf8(text)
                .map_err(|error| Error::Utf8Error(at, error))?
                .to_owned(),
        ),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_owned()),
        // Not of the types that both stores have.
        ValueRef::Real(_) => return Err(Error::InvalidColumnType(at, "a column".to_owned(), Type::Real)),
    })
}
