//! The read model of local awards: by code, agency and day.

use host::{Aggregate, Fault, Published, replica::own::award_to_proto};
use journal::{Row, Sql, StoreError, Value, Write};
use law::LocalAward;
use machine::{Snapshot, Timestamp};
use prost::Message as _;
use proto::directory::v1;

use crate::machine::local_award::{Fact, OwnAward};

/// Writes one local award.
const PUT: Sql = "INSERT INTO local_award (code, agency, body, version) VALUES ($1, $2, $3, $4) \
                  ON CONFLICT (code) DO UPDATE SET body = excluded.body, version = excluded.version";
/// Clears the days of one local award's versions.
const FORGET_VERSIONS: Sql = "DELETE FROM local_award_version WHERE code = $1";
/// Writes the days of one version.
const PUT_VERSION: Sql = "INSERT INTO local_award_version (code, valid_from, valid_to) VALUES ($1, $2, $3)";

/// One local award by its code.
pub(crate) const ONE: Sql = "SELECT body, version FROM local_award WHERE code = $1";

/// Local awards after a code, of an agency (if it is not empty), that are given on a day (if it is not empty).
pub(crate) const LIST: Sql = "SELECT body, version FROM local_award WHERE code > $1 \
                              AND ($2 = '' OR agency = $2) \
                              AND ($3 = '' OR EXISTS (SELECT 1 FROM local_award_version AS v \
                              WHERE v.code = local_award.code AND v.valid_from <= $3 \
                              AND (v.valid_to = '' OR v.valid_to > $3))) ORDER BY code LIMIT $4";

/// Every statement of this room.
pub(crate) const STATEMENTS: [Sql; 5] = [PUT, FORGET_VERSIONS, PUT_VERSION, ONE, LIST];

impl Aggregate for OwnAward {
    fn project(id: &str, version: u64, at: &Snapshot<Self>, _now: Timestamp) -> Vec<Write> {
        let Some(award) = &at.data.award else {
            return Vec::new();
        };
        let code = || Value::Text(id.to_owned());
        let body = serde_json::to_string(award).expect("a local award is texts, numbers and dates: it has a JSON form");
        let mut writes = vec![
            Write {
                sql: PUT,
                args: vec![
                    code(),
                    Value::Text(award.agency.clone()),
                    Value::Text(body),
                    Value::Int(version as i64),
                ],
            },
            Write {
                sql: FORGET_VERSIONS,
                args: vec![code()],
            },
        ];
        writes.extend(award.versions.iter().map(|version| Write {
            sql: PUT_VERSION,
            args: vec![
                code(),
                Value::Text(version.from.to_string()),
                Value::Text(version.to.map(|to| to.to_string()).unwrap_or_default()),
            ],
        }));
        writes
    }

    fn published(event: &Fact) -> Published {
        let (event_type, award) = match event {
            Fact::LocalAwardDefined(award) => ("local-award.defined", award),
            Fact::LocalAwardEnded(award) => ("local-award.ended", award),
        };
        let message = award_to_proto(award, String::new());
        let fact = match event {
            Fact::LocalAwardDefined(_) => v1::event::Fact::LocalAwardDefined(message),
            Fact::LocalAwardEnded(_) => v1::event::Fact::LocalAwardEnded(message),
        };
        Published {
            event_type,
            agency: award.agency.clone(),
            body: v1::Event { fact: Some(fact) }.encode_to_vec(),
        }
    }
}

/// A row of [`ONE`] or [`LIST`]: the award and its etag.
pub(crate) fn read(row: &Row) -> Result<(LocalAward, String), Fault> {
    let [Value::Text(body), Value::Int(version)] = row.as_slice() else {
        return Err(Fault::Internal(format!(
            "a row of local_award has other columns than it should: {row:?}"
        )));
    };
    let award = serde_json::from_str(body).map_err(|e| StoreError::Corrupt {
        table: "local_award",
        column: "body",
        row: body.clone(),
        detail: e.to_string(),
    })?;
    Ok((award, version.to_string()))
}
