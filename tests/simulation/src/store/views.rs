//! The typed tables of a service's read model: its own SQL in SQLite, in memory.

use std::{cell::RefCell, collections::BTreeMap};

use host::replica;
use journal::{Migration, Row, Sql, Value, Write};
use rusqlite::{
    Connection, Error, Statement, ToSql,
    types::{ToSqlOutput, Type, ValueRef},
};

/// The read model of one service.
pub struct Views {
    connection: Connection,
    /// The directory's replica: every process reads all of it again and again, and it hardly ever changes.
    replica: Option<Vec<Row>>,
}

thread_local! {
    /// Opened before on this thread, emptied to what the image of an installation holds: opening costs more than a run.
    static SPARE: RefCell<BTreeMap<&'static str, Vec<Views>>> = const { RefCell::new(BTreeMap::new()) };
}

/// A value as SQLite takes it.
struct Given<'a>(&'a Value);

impl ToSql for Given<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Int(int) => ValueRef::Integer(*int),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl Views {
    /// Empty tables.
    pub fn open(migrations: &[Migration]) -> Result<Self, Error> {
        let connection = Connection::open_in_memory()?;
        connection.set_prepared_statement_cache_capacity(400);
        for migration in migrations {
            connection.execute_batch(migration.sql)?;
        }
        Ok(Self {
            connection,
            replica: None,
        })
    }

    /// Tables that hold what these writes left, and nothing else.
    pub fn with(service: &'static str, migrations: &[Migration], image: &[Write]) -> Result<Self, Error> {
        let spare = SPARE.with_borrow_mut(|spare| spare.get_mut(service).and_then(Vec::pop));
        if let Some(views) = spare {
            return Ok(views);
        }
        let mut views = Self::open(migrations)?;
        views.connection.execute_batch("BEGIN")?;
        views.script(image.iter())?;
        views.connection.execute_batch("SAVEPOINT image")?;
        Ok(views)
    }

    /// Lays them aside for the next run on this thread.
    pub fn spare(mut self, service: &'static str) {
        self.replica = None;
        if self.connection.execute_batch("ROLLBACK TO image").is_ok() {
            SPARE.with_borrow_mut(|spare| spare.entry(service).or_default().push(self));
        }
    }

    /// Makes all of these writes, or none.
    pub fn write<'w>(&mut self, writes: impl Iterator<Item = &'w Write>) -> Result<(), Error> {
        self.connection.execute_batch("SAVEPOINT batch")?;
        let written = self.script(writes);
        self.connection.execute_batch(match written {
            Ok(()) => "RELEASE batch",
            Err(_) => "ROLLBACK TO batch; RELEASE batch",
        })?;
        written
    }

    fn script<'w>(&mut self, writes: impl Iterator<Item = &'w Write>) -> Result<(), Error> {
        for write in writes {
            if write.sql == replica::PUT || write.sql == replica::FORGET {
                self.replica = None;
            }
            let mut statement = self.connection.prepare_cached(write.sql)?;
            bind(&mut statement, &write.args)?;
            statement.raw_execute()?;
        }
        Ok(())
    }

    /// Runs a query.
    pub fn query(&mut self, sql: Sql, args: &[Value]) -> Result<Vec<Row>, Error> {
        if sql == replica::ALL
            && let Some(rows) = &self.replica
        {
            return Ok(rows.clone());
        }
        let mut statement = self.connection.prepare_cached(sql)?;
        bind(&mut statement, args)?;
        let columns = statement.column_count();
        let mut found = statement.raw_query();
        let mut rows: Vec<Row> = Vec::new();
        while let Some(row) = found.next()? {
            let cells = (0..columns).map(|at| value(row.get_ref(at)?, at));
            rows.push(cells.collect::<Result<_, _>>()?);
        }
        if sql == replica::ALL {
            self.replica = Some(rows.clone());
        }
        Ok(rows)
    }

    /// Prepares a statement.
    pub fn prepare(&mut self, sql: Sql) -> Result<(), Error> {
        self.connection.prepare(sql).map(|_| ())
    }
}

/// Binds `$1`, `$2`, …: to SQLite they are names, counted in the order in which they first appear.
fn bind(statement: &mut Statement<'_>, args: &[Value]) -> Result<(), Error> {
    for index in 1..=statement.parameter_count() {
        let name = statement.parameter_name(index);
        let number = name.and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let arg = number.and_then(|number| args.get(number.checked_sub(1)?));
        let arg = arg.ok_or(Error::InvalidParameterCount(args.len(), index))?;
        statement.raw_bind_parameter(index, Given(arg))?;
    }
    Ok(())
}

fn value(raw: ValueRef<'_>, at: usize) -> Result<Value, Error> {
    Ok(match raw {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(int) => Value::Int(int),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).map_err(|error| Error::Utf8Error(at, error))?;
            Value::Text(text.to_owned())
        }
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_owned()),
        ValueRef::Real(_) => return Err(Error::InvalidColumnType(at, "a column".to_owned(), Type::Real)),
    })
}
