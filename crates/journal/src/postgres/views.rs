//! Writes of the read model, of which a batch has many that differ in their values alone: as few statements as give the
//! same rows.
//!
//! What is gathered is told from the text of a statement: an [`Insert`] of nothing but its arguments, which on a conflict
//! does nothing or takes over what was to be inserted, sees no row but the one with its own key. Two such rows with
//! different keys may change places, and so may a row and any statement that does not name its table. Everything else
//! stays where it was. (That holds while the tables of read models have no triggers and no foreign keys.)

use std::collections::HashSet;

use sqlx::{AssertSqlSafe, PgConnection};

use super::rows::run;
use crate::{Value, Write, value::Arg};

/// `INSERT INTO table (column, …) VALUES ($n, …)`, with or without `ON CONFLICT (column, …) DO NOTHING` or
/// `DO UPDATE SET column = excluded.column, …`.
struct Insert<'a> {
    table: &'a str,
    /// Up to `VALUES`.
    into: &'a str,
    /// For each column, the argument that it takes.
    columns: Vec<usize>,
    /// From `ON CONFLICT`.
    conflict: &'a str,
    /// The arguments by which an existing row is found and changed; empty if none is.
    key: Vec<usize>,
}

/// A statement's text in words and signs. Of strings and quoted names nothing is told: they are in no [`Insert`].
struct Tokens<'a> {
    sql: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    /// The next one, if there is any, as it is written.
    fn next(&mut self) -> Option<&'a str> {
        let rest = &self.sql[self.at..];
        let start = rest.find(|c: char| !c.is_whitespace())?;
        let rest = &rest[start..];
        let first = rest.chars().next()?;
        let len = if word(first) {
            rest.find(|c| !word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        self.at += start + len;
        Some(&rest[..len])
    }

    fn words(&mut self, expected: &[&str]) -> Option<()> {
        let all = expected
            .iter()
            .all(|word| self.next().is_some_and(|found| found.eq_ignore_ascii_case(word)));
        all.then_some(())
    }

    /// What stands in brackets, with commas between.
    fn list(&mut self) -> Option<Vec<&'a str>> {
        self.words(&["("])?;
        let mut items = Vec::new();
        loop {
            items.push(self.next().filter(|item| item.chars().all(word))?);
            match self.next()? {
                "," => {}
                ")" => return Some(items),
                _ => return None,
            }
        }
    }
}

fn word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

impl<'a> Insert<'a> {
    fn of(sql: &'a str) -> Option<Self> {
        let mut tokens = Tokens { sql, at: 0 };
        tokens.words(&["INSERT", "INTO"])?;
        let table = tokens.next().filter(|table| table.chars().all(word))?;
        let names = tokens.list()?;
        let into = &sql[..tokens.at];
        tokens.words(&["VALUES"])?;
        let number = |argument: &str| argument.strip_prefix('$')?.parse::<usize>().ok()?.checked_sub(1);
        let columns: Vec<_> = tokens.list()?.into_iter().map(number).collect::<Option<_>>()?;
        let mut insert = Self {
            table,
            into,
            columns,
            conflict: &sql[tokens.at..],
            key: Vec::new(),
        };
        if insert.columns.len() != names.len() {
            return None;
        }
        if tokens.next().is_none() {
            return Some(insert);
        }
        let mut tokens = Tokens {
            sql: insert.conflict,
            at: 0,
        };
        tokens.words(&["ON", "CONFLICT"])?;
        let target = tokens.list()?;
        tokens.words(&["DO"])?;
        if tokens.next()?.eq_ignore_ascii_case("NOTHING") {
            return tokens.next().is_none().then_some(insert);
        }
        tokens.words(&["SET"])?;
        loop {
            let column = tokens.next().filter(|column| column.chars().all(word))?;
            tokens.words(&["=", "excluded", ".", column])?;
            match tokens.next() {
                Some(",") => {}
                Some(_) => return None,
                None => break,
            }
        }
        let argument = |name: &str| Some(insert.columns[names.iter().position(|column| *column == name)?]);
        insert.key = target.into_iter().map(argument).collect::<Option<_>>()?;
        Some(insert)
    }

    fn takes(&self, write: &Write) -> bool {
        self.columns
            .iter()
            .max()
            .is_some_and(|last| last + 1 == write.args.len())
    }

    /// The key of a row, in bytes that no other key has; none if it meets no other row.
    fn key_of(&self, write: &Write) -> Option<Vec<u8>> {
        let mut key = Vec::new();
        for at in &self.key {
            let (sort, bytes) = match &write.args[*at] {
                Value::Null => (0, Vec::new()),
                Value::Int(int) => (1, int.to_be_bytes().to_vec()),
                Value::Text(text) => (2, text.as_bytes().to_vec()),
                Value::Bytes(bytes) => (3, bytes.clone()),
            };
            key.push(sort);
            key.extend(bytes.len().to_be_bytes());
            key.extend(bytes);
        }
        (!key.is_empty()).then_some(key)
    }
}

/// Rows of one text that may be written together.
struct Group<'a> {
    insert: Option<Insert<'a>>,
    rows: Vec<&'a Write>,
    keys: HashSet<Vec<u8>>,
}

impl<'a> Group<'a> {
    fn new(write: &'a Write, insert: Option<Insert<'a>>) -> Self {
        let key = insert.as_ref().and_then(|insert| insert.key_of(write));
        let keys = key.into_iter().collect();
        let rows = vec![write];
        Self { insert, rows, keys }
    }

    /// Takes a row in, unless one with its key is there already.
    fn add(&mut self, write: &'a Write) -> bool {
        let key = self.insert.as_ref().and_then(|insert| insert.key_of(write));
        let new = key.is_none_or(|key| self.keys.insert(key));
        if new {
            self.rows.push(write);
        }
        new
    }

    fn is_named_in(&self, sql: &str) -> bool {
        let mut tokens = Tokens { sql, at: 0 };
        let Some(insert) = &self.insert else { return true };
        std::iter::from_fn(|| tokens.next()).any(|token| token.eq_ignore_ascii_case(insert.table))
    }
}

/// The statements to run, in their order, each with its rows.
fn groups<'a>(writes: &[&'a Write]) -> Vec<Group<'a>> {
    let mut done = Vec::new();
    let mut open: Vec<Group<'a>> = Vec::new();
    for write in writes {
        if let Some(group) = open.iter_mut().find(|group| group.rows[0].sql == write.sql)
            && group.insert.as_ref().is_some_and(|insert| insert.takes(write))
            && group.add(write)
        {
            continue;
        }
        done.extend(open.extract_if(.., |group| group.is_named_in(write.sql)));
        match Insert::of(write.sql).filter(|insert| insert.takes(write)) {
            Some(insert) => open.push(Group::new(write, Some(insert))),
            None => done.push(Group::new(write, None)),
        }
    }
    done.extend(open);
    done
}

/// Writes them all.
pub(super) async fn write(connection: &mut PgConnection, writes: &[&Write]) -> Result<(), sqlx::Error> {
    for Group { insert, rows, .. } in groups(writes) {
        let together = insert
            .filter(|_| rows.len() > 1)
            .and_then(|insert| Together::of(&insert, &rows));
        if let Some(Together { sql, columns }) = together {
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for column in columns {
                query = match column {
                    Column::Ints(ints) => query.bind(ints),
                    Column::Texts(texts) => query.bind(texts),
                    Column::Bytes(bytes) => query.bind(bytes),
                };
            }
            query.execute(&mut *connection).await?;
            continue;
        }
        for row in rows {
            run(connection, row.sql, &row.args.iter().map(Arg::from).collect::<Vec<_>>()).await?;
        }
    }
    Ok(())
}

/// Many rows in one statement.
struct Together<'a> {
    sql: String,
    columns: Vec<Column<'a>>,
}

enum Column<'a> {
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<&'a str>>),
    Bytes(Vec<Option<&'a [u8]>>),
}

impl<'a> Together<'a> {
    /// Nothing if a column has values of two types, or none at all to tell its type by.
    fn of(insert: &Insert<'_>, rows: &[&'a Write]) -> Option<Self> {
        let columns: Vec<_> = insert
            .columns
            .iter()
            .map(|at| Column::of(*at, rows))
            .collect::<Option<_>>()?;
        let types = columns.iter().enumerate().map(|(at, column)| {
            let name = match column {
                Column::Ints(_) => "bigint",
                Column::Texts(_) => "text",
                Column::Bytes(_) => "bytea",
            };
            format!("${}::{name}[]", at + 1)
        });
        let types = types.collect::<Vec<_>>().join(", ");
        let Insert { into, conflict, .. } = insert;
        let sql = format!("{into} SELECT * FROM UNNEST({types}){conflict}");
        Some(Self { sql, columns })
    }
}

impl<'a> Column<'a> {
    fn of(at: usize, rows: &[&'a Write]) -> Option<Self> {
        let cells = || rows.iter().map(|row| &row.args[at]);
        match cells().find(|cell| **cell != Value::Null)? {
            Value::Null => None,
            Value::Int(_) => column(cells(), |cell| match cell {
                Value::Int(int) => Some(*int),
                _ => None,
            })
            .map(Column::Ints),
            Value::Text(_) => column(cells(), |cell| match cell {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .map(Column::Texts),
            Value::Bytes(_) => column(cells(), |cell| match cell {
                Value::Bytes(bytes) => Some(bytes.as_slice()),
                _ => None,
            })
            .map(Column::Bytes),
        }
    }
}

/// Nothing if a cell is neither NULL nor what `read` takes.
fn column<'a, T>(
    cells: impl Iterator<Item = &'a Value>,
    read: impl Fn(&'a Value) -> Option<T>,
) -> Option<Vec<Option<T>>> {
    cells
        .map(|cell| match cell {
            Value::Null => Some(None),
            cell => read(cell).map(Some),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUT: &str = "INSERT INTO course (dossier, step) VALUES ($1, $2) \
        ON CONFLICT (dossier) DO UPDATE SET step = excluded.step";
    const READER: &str = "insert into course_reader (agency, dossier) values ($2, $1) \
        on conflict (agency, dossier) do nothing";
    const ENTRY: &str = "INSERT INTO entry (n) VALUES ($1)";

    fn write(sql: &'static str, args: &[&str]) -> Write {
        let args = args.iter().map(|arg| Value::Text((*arg).into())).collect();
        Write { sql, args }
    }

    /// For each statement to run, the first arguments of its rows.
    fn gathered(writes: &[Write]) -> Vec<String> {
        let groups = groups(&writes.iter().collect::<Vec<_>>());
        let first = |row: &&Write| match &row.args[0] {
            Value::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        };
        groups
            .iter()
            .map(|group| group.rows.iter().map(first).collect::<String>())
            .collect()
    }

    #[test]
    fn rows_with_different_keys_are_gathered_over_other_tables() {
        let of = |id| {
            [
                write(PUT, &[id, "x"]),
                write(READER, &[id, "p"]),
                write(READER, &[id, "q"]),
            ]
        };
        let writes: Vec<_> = ["a", "b"].into_iter().flat_map(of).collect();
        assert_eq!(gathered(&writes), ["ab", "aabb"]);
    }

    #[test]
    fn a_key_that_comes_again_is_written_again() {
        let writes = ["a", "b", "a", "c"].map(|id| write(PUT, &[id, "x"]));
        assert_eq!(gathered(&writes), ["ab", "ac"]);
        let writes = ["a", "a"].map(|id| write(READER, &[id, "p"]));
        assert_eq!(gathered(&writes), ["aa"], "doing nothing twice is doing nothing");
        let writes = ["a", "a"].map(|id| write(ENTRY, &[id]));
        assert_eq!(gathered(&writes), ["aa"]);
    }

    #[test]
    fn nothing_passes_a_statement_that_names_its_table() {
        for other in [
            "UPDATE course SET step = $1",
            "DELETE FROM entry WHERE n IN (SELECT dossier FROM Course WHERE step = $1)",
            "INSERT INTO \"course\" (dossier) VALUES ($1)",
            "INSERT INTO course (dossier, step) VALUES ($1, 'new')",
        ] {
            let writes = [write(PUT, &["a", "x"]), write(other, &["o"]), write(PUT, &["b", "x"])];
            assert_eq!(gathered(&writes), ["a", "o", "b"], "{other}");
        }
        // Another table; it goes before.
        let other = "UPDATE course_reader SET agency = $1";
        let writes = [write(PUT, &["a", "x"]), write(other, &["o"]), write(PUT, &["b", "x"])];
        assert_eq!(gathered(&writes), ["o", "ab"]);
    }

    #[test]
    fn only_what_sees_its_own_row_alone_is_gathered() {
        for sql in [PUT, READER, ENTRY] {
            assert!(Insert::of(sql).is_some(), "{sql}");
        }
        for sql in [
            "UPDATE course SET step = $1",
            "INSERT INTO course SELECT * FROM other WHERE dossier = $1",
            "INSERT INTO course (dossier, step) VALUES ($1, (SELECT max(step) FROM course))",
            "INSERT INTO course (dossier, step) VALUES ($1, '$2')",
            "INSERT INTO course (dossier, step) VALUES ($1, $2), ($3, $4)",
            "INSERT INTO course (dossier, step) VALUES ($1, $2) ON CONFLICT (dossier) DO UPDATE SET step = course.step",
            "INSERT INTO course (dossier, step) VALUES ($1, $2) ON CONFLICT (dossier) DO UPDATE SET step = excluded.dossier",
            "INSERT INTO course (dossier, step) VALUES ($1, $2) \
                ON CONFLICT (dossier) DO UPDATE SET step = excluded.step WHERE course.step < excluded.step",
            "INSERT INTO course (dossier, step) VALUES ($1, $2) ON CONFLICT (lower(dossier)) DO NOTHING",
            "INSERT INTO course (dossier, step) VALUES ($1, $2) \
                ON CONFLICT (other) DO UPDATE SET step = excluded.step",
            "INSERT INTO course (dossier, step) VALUES ($1, $2) RETURNING step",
        ] {
            assert!(Insert::of(sql).is_none(), "{sql}");
        }
    }
}
