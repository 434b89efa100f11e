//! The dated replica of the directory that every service keeps, by events.

use std::sync::{Arc, LazyLock, RwLock};

use bus::Envelope;
use journal::{Migration, Sql, StoreError, Value, Write};
use law::{Agencies, Agency};
use proto::directory::v1::{Event, event::Fact};

use crate::{Fault, Unit};

/// The replica's table, in every service's schema; numbered beyond the services' own.
pub const MIGRATION: Migration = Migration {
    version: 1_000,
    name: "agency_replica",
    sql: "CREATE TABLE agency_replica (code TEXT PRIMARY KEY, body TEXT NOT NULL)",
};

/// Writes one agency.
pub const PUT: Sql = "INSERT INTO agency_replica (code, body) VALUES ($1, $2) \
                      ON CONFLICT (code) DO UPDATE SET body = excluded.body";
/// Reads all agencies.
pub const ALL: Sql = "SELECT body FROM agency_replica ORDER BY code";

/// The reference set, read once.
static REFERENCE: LazyLock<Agencies> = LazyLock::new(Agencies::embedded);

/// The agencies as this process knows them. Until the directory's first events arrive: the reference set.
#[derive(Clone)]
pub struct Replica(Arc<RwLock<Arc<Agencies>>>);

impl Default for Replica {
    fn default() -> Self {
        Self(Arc::new(RwLock::new(Arc::new(REFERENCE.clone()))))
    }
}

impl Replica {
    /// The agencies now.
    pub fn agencies(&self) -> Arc<Agencies> {
        Arc::clone(&self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Takes one agency that an event told of.
    pub(crate) fn learn(&self, agency: Agency) {
        let mut agencies = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::make_mut(&mut agencies).insert(agency);
    }

    /// Takes what the table holds: what another replica of this service was told.
    pub async fn refresh(&self, store: &dyn journal::Store) -> Result<(), StoreError> {
        let rows = store.query(ALL, &[]).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut agencies = REFERENCE.clone();
        for row in rows {
            let Some(Value::Text(body)) = row.first() else { continue };
            match serde_json::from_str::<Agency>(body) {
                Ok(agency) => agencies.insert(agency),
                Err(e) => {
                    let detail = e.to_string();
                    return Err(StoreError::Corrupt {
                        table: "agency_replica",
                        column: "body",
                        row: body.clone(),
                        detail,
                    });
                }
            }
        }
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(agencies);
        Ok(())
    }
}

/// The agency that an event of the directory is about.
pub(crate) fn agency(event: &Envelope) -> Option<Agency> {
    let body: Event = prost::Message::decode(event.body.as_slice()).ok()?;
    let Some(Fact::AgencyRegistered(agency) | Fact::AgencyClosed(agency)) = body.fact else {
        return None;
    };
    from_proto(&agency).ok()
}

/// Applies an event of the directory.
pub(crate) fn react(event: &Envelope, unit: &mut Unit) -> Result<(), Fault> {
    let body: Event = prost::Message::decode(event.body.as_slice())
        .map_err(|e| Fault::refused("INVALID_REQUEST", format!("directory event {}: {e}", event.id)))?;
    let Some(Fact::AgencyRegistered(agency) | Fact::AgencyClosed(agency)) = body.fact else {
        return Ok(());
    };
    let agency = from_proto(&agency)?;
    let body = serde_json::to_string(&agency).map_err(|e| Fault::Internal(e.to_string()))?;
    unit.write(Write {
        sql: PUT,
        args: vec![Value::Text(agency.code), Value::Text(body)],
    });
    Ok(())
}

/// An agency from its message. INVALID_ARGUMENT names the field.
pub fn from_proto(agency: &proto::directory::v1::Agency) -> Result<Agency, Fault> {
    let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Ok(Agency {
        code: agency.agency.clone(),
        name: agency.name.clone(),
        level: agency.level.parse().map_err(|()| {
            Fault::field(
                "INVALID_REQUEST",
                "agency.level",
                format!("no such level: {}", agency.level),
            )
        })?,
        kind: agency.kind.clone(),
        parent: optional(&agency.parent),
        from: date("agency.from", &agency.from)?,
        to: date("agency.to", &agency.to)?,
        successor: optional(&agency.successor),
        note: optional(&agency.note),
    })
}

/// An agency as a message.
pub fn to_proto(agency: &Agency, etag: String) -> proto::directory::v1::Agency {
    proto::directory::v1::Agency {
        agency: agency.code.clone(),
        name: agency.name.clone(),
        level: agency.level.as_str().to_owned(),
        kind: agency.kind.clone(),
        parent: agency.parent.clone().unwrap_or_default(),
        from: agency.from.map(|day| day.to_string()).unwrap_or_default(),
        to: agency.to.map(|day| day.to_string()).unwrap_or_default(),
        successor: agency.successor.clone().unwrap_or_default(),
        note: agency.note.clone().unwrap_or_default(),
        etag,
    }
}

/// A day of a request (ISO 8601), or `None` if it is empty.
pub fn date(field: &str, text: &str) -> Result<Option<time::Date>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let format = time::macros::format_description!("[year]-[month]-[day]");
    time::Date::parse(text, &format)
        .map(Some)
        .map_err(|_| Fault::field("INVALID_REQUEST", field, format!("not a day as in 2025-09-15: {text}")))
}
