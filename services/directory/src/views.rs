//! The read model: agencies by code, level and day.

pub(crate) mod days;
pub(crate) mod delegation;
pub(crate) mod local_award;

use host::{Aggregate, Fault, Published, replica};
use journal::{Row, Sql, StoreError, Value, Write};
use law::Agency;
use machine::{Snapshot, Timestamp};
use prost::Message as _;
use proto::directory::v1;

use crate::machine::{Fact, Listing};

/// Writes one agency.
const PUT: Sql = "INSERT INTO agency (code, level, valid_from, valid_to, body, version) \
                  VALUES ($1, $2, $3, $4, $5, $6) \
                  ON CONFLICT (code) DO UPDATE SET level = excluded.level, valid_from = excluded.valid_from, \
                  valid_to = excluded.valid_to, body = excluded.body, version = excluded.version";

/// One agency by its code.
pub(crate) const ONE: Sql = "SELECT body, version FROM agency WHERE code = $1";

/// All agencies.
pub(crate) const ALL: Sql = "SELECT body, version FROM agency ORDER BY code";

/// Agencies after a code, that exist on a day (if it is not empty) and are of a level (if it is not empty).
pub(crate) const LIST: Sql = "SELECT body, version FROM agency WHERE code > $1 \
                              AND ($2 = '' OR ((valid_from = '' OR valid_from <= $2) \
                              AND (valid_to = '' OR valid_to > $2))) \
                              AND ($3 = '' OR level = $3) ORDER BY code LIMIT $4";

/// Every statement of these rooms.
pub(crate) fn statements() -> Vec<Sql> {
    let own = [PUT, ONE, ALL, LIST];
    own.into_iter()
        .chain(local_award::STATEMENTS)
        .chain(days::STATEMENTS)
        .chain(delegation::STATEMENTS)
        .collect()
}

impl Aggregate for Listing {
    fn project(id: &str, version: u64, at: &Snapshot<Self>, _now: Timestamp) -> Vec<Write> {
        let Some(agency) = &at.data.agency else {
            return Vec::new();
        };
        let day = |day: Option<law::Date>| Value::Text(day.map(|day| day.to_string()).unwrap_or_default());
        let body = serde_json::to_string(agency).expect("an agency is texts and dates: it has a JSON form");
        let args = vec![
            Value::Text(id.to_owned()),
            Value::Text(agency.level.as_str().to_owned()),
            day(agency.from),
            day(agency.to),
            Value::Text(body),
            Value::Int(version as i64),
        ];
        vec![Write { sql: PUT, args }]
    }

    fn published(event: &Fact) -> Published {
        let (event_type, agency) = match event {
            Fact::AgencyRegistered(agency) => ("agency.registered", agency),
            Fact::AgencyClosed(agency) => ("agency.closed", agency),
        };
        let message = replica::to_proto(agency, String::new());
        let fact = match event {
            Fact::AgencyRegistered(_) => v1::event::Fact::AgencyRegistered(message),
            Fact::AgencyClosed(_) => v1::event::Fact::AgencyClosed(message),
        };
        let body = v1::Event { fact: Some(fact) }.encode_to_vec();
        Published {
            event_type,
            agency: agency.code.clone(),
            body,
        }
    }
}

/// A row of [`ONE`], [`ALL`] or [`LIST`]: the agency and its etag.
pub(crate) fn read(row: &Row) -> Result<(Agency, String), Fault> {
    let [Value::Text(body), Value::Int(version)] = row.as_slice() else {
        return Err(Fault::Internal(format!(
            "a row of agency has other columns than it should: {row:?}"
        )));
    };
    let agency = serde_json::from_str(body).map_err(|e| StoreError::Corrupt {
        table: "agency",
        column: "body",
        row: body.clone(),
        detail: e.to_string(),
    })?;
    Ok((agency, version.to_string()))
}
