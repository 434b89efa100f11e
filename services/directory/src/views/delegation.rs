//! The read model of delegations: by agency, in the order in which they were made.

use host::{Aggregate, Fault, Published, grants::mandate_to_proto};
use journal::{Row, Sql, StoreError, Value, Write};
use machine::{Snapshot, Timestamp};
use prost::Message as _;
use proto::directory::v1;

use crate::machine::delegation::{Delegation, Fact, Given};

/// Writes one delegation.
const PUT: Sql = "INSERT INTO delegation (id, agency, valid_from, valid_to, body, version) \
                  VALUES ($1, $2, $3, $4, $5, $6) \
                  ON CONFLICT (id) DO UPDATE SET valid_to = excluded.valid_to, body = excluded.body, \
                  version = excluded.version";

/// Delegations of an agency after an id, that hold on a day (if it is not empty).
pub(crate) const LIST: Sql = "SELECT body, version FROM delegation WHERE agency = $1 AND id > $2 \
                              AND ($3 = '' OR (valid_from <= $3 AND valid_to >= $3)) ORDER BY id LIMIT $4";

/// Every statement of this room.
pub(crate) const STATEMENTS: [Sql; 2] = [PUT, LIST];

impl Aggregate for Delegation {
    fn project(id: &str, version: u64, at: &Snapshot<Self>, _now: Timestamp) -> Vec<Write> {
        let Some(given) = &at.data.given else {
            return Vec::new();
        };
        let last = match given.ended_on {
            Some(_) => String::new(),
            None => given.mandate.last.to_string(),
        };
        let body = serde_json::to_string(given).expect("a delegation is texts and dates: it has a JSON form");
        let args = vec![
            Value::Text(id.to_owned()),
            Value::Text(given.mandate.from.agency.clone()),
            Value::Text(given.mandate.first.to_string()),
            Value::Text(last),
            Value::Text(body),
            Value::Int(version as i64),
        ];
        vec![Write { sql: PUT, args }]
    }

    fn published(event: &Fact) -> Published {
        let (event_type, given) = match event {
            Fact::DelegationGranted(given) => ("delegation.granted", given),
            Fact::DelegationEnded(given) => ("delegation.ended", given),
        };
        let message = v1::Delegation {
            document: given.document.clone(),
            ended: given.ended_on.is_some(),
            ..mandate_to_proto(&given.mandate, true)
        };
        let fact = match event {
            Fact::DelegationGranted(_) => v1::event::Fact::DelegationGranted(message),
            Fact::DelegationEnded(_) => v1::event::Fact::DelegationEnded(message),
        };
        Published {
            event_type,
            agency: given.mandate.from.agency.clone(),
            body: v1::Event { fact: Some(fact) }.encode_to_vec(),
        }
    }
}

/// A delegation as people see it.
pub(crate) fn show(given: &Given, etag: String) -> v1::Delegation {
    v1::Delegation {
        document: given.document.clone(),
        ended: given.ended_on.is_some(),
        etag,
        ..mandate_to_proto(&given.mandate, false)
    }
}

/// A row of [`LIST`].
pub(crate) fn read(row: &Row) -> Result<v1::Delegation, Fault> {
    let [Value::Text(body), Value::Int(version)] = row.as_slice() else {
        return Err(Fault::Internal(format!(
            "a row of delegation has other columns than it should: {row:?}"
        )));
    };
    let given: Given = serde_json::from_str(body).map_err(|e| StoreError::Corrupt {
        table: "delegation",
        column: "body",
        row: body.clone(),
        detail: e.to_string(),
    })?;
    Ok(show(&given, version.to_string()))
}
