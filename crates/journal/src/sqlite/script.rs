//! Many statements in one call. Each call of the driver wakes the connection's thread and waits for it: that costs more
//! than most statements do.

use std::fmt::Write as _;

use sqlx::{Arguments, AssertSqlSafe, SqliteConnection, sqlite::SqliteArguments};

use crate::{Sql, value::Arg};

/// Statements of one call; SQLite takes at most 32,766 arguments.
const STATEMENTS_MAX: usize = 64;
/// Arguments of one call.
const ARGUMENTS_MAX: usize = 2_000;

/// Statements that wait to be run together. The same sequence makes the same text, so that the driver's cache of prepared
/// statements knows it.
#[derive(Default)]
pub(super) struct Script {
    calls: Vec<Part>,
}

#[derive(Default)]
struct Part {
    sql: String,
    arguments: SqliteArguments,
    statements: usize,
}

impl Script {
    /// Adds a statement.
    pub fn push(&mut self, sql: Sql, args: &[Arg<'_>]) {
        let full = |part: &Part| part.statements >= STATEMENTS_MAX || part.arguments.len() + args.len() > ARGUMENTS_MAX;
        if self.calls.last().is_none_or(full) {
            self.calls.push(Part::default());
        }
        if let Some(part) = self.calls.last_mut() {
            part.push(sql, args);
        }
    }

    /// Whether there is nothing to run.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Runs the statements in their order.
    pub async fn run(self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        for part in self.calls {
            sqlx::query_with(AssertSqlSafe(part.sql), part.arguments)
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }
}

impl Part {
    fn push(&mut self, sql: Sql, args: &[Arg<'_>]) {
        let before = self.arguments.len();
        // Arguments are numbered through the whole call.
        let mut rest = sql;
        while let Some(at) = rest.find('$') {
            let (text, number) = rest.split_at(at + 1);
            self.sql.push_str(text);
            let digits = number.bytes().take_while(u8::is_ascii_digit).count();
            if let Ok(nth) = number[..digits].parse::<usize>() {
                // Writing to a string cannot fail.
                let _ = write!(self.sql, "{}", before + nth);
            }
            rest = &number[digits..];
        }
        self.sql.push_str(rest);
        self.sql.push(';');
        self.statements += 1;
        for arg in args {
            // Encoding integers, texts and bytes cannot fail.
            let _ = match *arg {
                Arg::Null => self.arguments.add(None::<i64>),
                Arg::Int(int) => self.arguments.add(int),
                Arg::Text(text) => self.arguments.add(text.to_owned()),
                Arg::Bytes(bytes) => self.arguments.add(bytes.to_owned()),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::args;

    #[test]
    fn arguments_are_numbered_through() {
        let mut script = Script::default();
        script.push("UPDATE a SET b = $1 WHERE c = $2 OR $2 = '$.x'", args![1_i64, "c"]);
        script.push("DELETE FROM a WHERE b = $1", args![2_i64]);
        let part = &script.calls[0];
        assert_eq!(
            part.sql,
            "UPDATE a SET b = $1 WHERE c = $2 OR $2 = '$.x';DELETE FROM a WHERE b = $3;"
        );
        assert_eq!((part.arguments.len(), script.calls.len()), (3, 1));
    }

    #[test]
    fn a_call_is_bounded() {
        let mut script = Script::default();
        for n in 0..=STATEMENTS_MAX as i64 {
            script.push("DELETE FROM a WHERE b = $1", args![n]);
        }
        assert_eq!(script.calls.len(), 2);
        assert_eq!(script.calls[1].sql, "DELETE FROM a WHERE b = $1;");
    }
}
