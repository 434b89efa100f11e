//! The read model of days: one row for each agency that has some; those for all agencies stand under a name of their own.

use host::{Aggregate, Fault, Published, replica::own::day_to_proto};
use journal::{Row, Sql, StoreError, Value, Write};
use law::DayException;
use machine::{Snapshot, Timestamp};
use prost::Message as _;
use proto::directory::v1;

use crate::machine::days::{Days, EVERYONE, Fact};

/// Writes the days of one agency: they are few, and read together.
const PUT: Sql = "INSERT INTO days (id, body, version) VALUES ($1, $2, $3) \
                  ON CONFLICT (id) DO UPDATE SET body = excluded.body, version = excluded.version";

/// The days of one agency and of all.
pub(crate) const FOR: Sql = "SELECT body, version FROM days WHERE id = $1 OR id = $2";

/// Every statement of this room.
pub(crate) const STATEMENTS: [Sql; 2] = [PUT, FOR];

impl Aggregate for Days {
    fn project(id: &str, version: u64, at: &Snapshot<Self>, _now: Timestamp) -> Vec<Write> {
        let days: Vec<&DayException> = at.data.days.values().collect();
        let body = serde_json::to_string(&days).expect("days are texts and dates: they have a JSON form");
        let args = vec![
            Value::Text(id.to_owned()),
            Value::Text(body),
            Value::Int(version as i64),
        ];
        vec![Write { sql: PUT, args }]
    }

    fn published(event: &Fact) -> Published {
        let (event_type, day) = match event {
            Fact::DaySet(day) => ("day.set", day),
            Fact::DayWithdrawn(day) => ("day.withdrawn", day),
        };
        let message = day_to_proto(day, String::new());
        let fact = match event {
            Fact::DaySet(_) => v1::event::Fact::DaySet(message),
            Fact::DayWithdrawn(_) => v1::event::Fact::DayWithdrawn(message),
        };
        Published {
            event_type,
            agency: id_of(day.agency.as_deref()).to_owned(),
            body: v1::Event { fact: Some(fact) }.encode_to_vec(),
        }
    }
}

/// Under which name the days of an agency, or of all, are kept.
pub(crate) fn id_of(agency: Option<&str>) -> &str {
    agency.unwrap_or(EVERYONE)
}

/// A row of [`FOR`]: the days and their list's etag.
pub(crate) fn read(row: &Row) -> Result<(Vec<DayException>, String), Fault> {
    let [Value::Text(body), Value::Int(version)] = row.as_slice() else {
        return Err(Fault::Internal(format!(
            "a row of days has other columns than it should: {row:?}"
        )));
    };
    let days = serde_json::from_str(body).map_err(|e| StoreError::Corrupt {
        table: "days",
        column: "body",
        row: body.clone(),
        detail: e.to_string(),
    })?;
    Ok((days, version.to_string()))
}
