//! The dated replica of the directory that every service keeps, by events: agencies, the awards that they give on their
//! own, and their days.

pub mod own;

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use bus::Envelope;
use journal::{Migration, Row, Sql, StoreError, Value, Write};
use law::{Agencies, Agency, DayException, LocalAward};
use proto::directory::v1::{Event, event::Fact};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Fault, Unit, grants};

/// The replica's table, in every service's schema; numbered beyond the services' own.
pub const MIGRATION: Migration = Migration {
    version: 1_000,
    name: "directory_replica",
    sql: "CREATE TABLE directory_replica \
          (kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, name))",
};

/// Writes one entry.
pub const PUT: Sql = "INSERT INTO directory_replica (kind, name, body) VALUES ($1, $2, $3) \
                      ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body";
/// Takes one entry away.
pub const FORGET: Sql = "DELETE FROM directory_replica WHERE kind = $1 AND name = $2";
/// Reads all entries.
pub const ALL: Sql = "SELECT kind, body FROM directory_replica ORDER BY kind, name";

const AGENCY: &str = "agency";
const LOCAL_AWARD: &str = "local-award";
const DAY: &str = "day";

/// The reference set, read once.
static REFERENCE: LazyLock<Agencies> = LazyLock::new(Agencies::embedded);

/// What an event of the directory tells.
pub(crate) enum Told {
    Agency(Agency),
    LocalAward(LocalAward),
    Day(DayException),
    NoDay(DayException),
}

/// Who may act for whom is known as an aggregate, not as a row: decisions hang on it.
fn mandate(event: &Event, unit: &mut Unit) -> Result<(), Fault> {
    let today = unit.today();
    match &event.fact {
        Some(Fact::DelegationGranted(given)) => {
            let mandate = Box::new(grants::mandate_from_proto(given)?);
            grants::learn(unit, &given.agency, grants::Input::Granted { mandate, today })
        }
        Some(Fact::DelegationEnded(given)) => {
            let mandate = given.delegation.clone();
            grants::learn(unit, &given.agency, grants::Input::Ended { mandate })
        }
        _ => Ok(()),
    }
}

impl Told {
    /// `None` for an event that this version does not know.
    fn read(event: Event) -> Result<Option<Self>, Fault> {
        Ok(Some(match event.fact {
            Some(Fact::AgencyRegistered(agency) | Fact::AgencyClosed(agency)) => Self::Agency(from_proto(&agency)?),
            Some(Fact::LocalAwardDefined(award) | Fact::LocalAwardEnded(award)) => {
                Self::LocalAward(own::award_from_proto(&award)?)
            }
            Some(Fact::DaySet(day)) => Self::Day(own::day_from_proto(&day)?),
            Some(Fact::DayWithdrawn(day)) => Self::NoDay(own::day_from_proto(&day)?),
            Some(Fact::DelegationGranted(_) | Fact::DelegationEnded(_)) | None => return Ok(None),
        }))
    }

    fn write(&self) -> Result<Write, Fault> {
        fn put(kind: &str, name: String, body: &impl Serialize) -> Result<Write, Fault> {
            let body = serde_json::to_string(body).map_err(|e| Fault::Internal(e.to_string()))?;
            let args = vec![Value::Text(kind.to_owned()), Value::Text(name), Value::Text(body)];
            Ok(Write { sql: PUT, args })
        }
        match self {
            Self::Agency(agency) => put(AGENCY, agency.code.clone(), agency),
            Self::LocalAward(award) => put(LOCAL_AWARD, award.code.clone(), award),
            Self::Day(day) => put(DAY, name_of(day), day),
            Self::NoDay(day) => Ok(Write {
                sql: FORGET,
                args: vec![Value::Text(DAY.to_owned()), Value::Text(name_of(day))],
            }),
        }
    }

    fn learn(self, agencies: &mut Agencies) {
        match self {
            Self::Agency(agency) => agencies.insert(agency),
            Self::LocalAward(award) => agencies.insert_local_award(award),
            Self::Day(day) => agencies.insert_day(day),
            Self::NoDay(day) => {
                agencies.remove_day(day.agency.as_deref(), day.day);
            }
        }
    }
}

fn decode(event: &Envelope) -> Result<Event, Fault> {
    prost::Message::decode(event.body.as_slice())
        .map_err(|e| Fault::refused("INVALID_REQUEST", format!("directory event {}: {e}", event.id)))
}

fn name_of(day: &DayException) -> String {
    format!("{}/{}", day.agency.as_deref().unwrap_or_default(), day.day)
}

/// The agencies as this process knows them. Until the directory's first events arrive: the reference set.
#[derive(Clone)]
pub struct Replica(Arc<RwLock<Known>>);

/// What a process knows.
struct Known {
    agencies: Arc<Agencies>,
    /// The rows that it was read from last: most readings find the same.
    rows: Vec<Row>,
}

impl Default for Replica {
    fn default() -> Self {
        Self(Arc::new(RwLock::new(Known {
            agencies: Arc::new(REFERENCE.clone()),
            rows: Vec::new(),
        })))
    }
}

impl Replica {
    /// The agencies now.
    pub fn agencies(&self) -> Arc<Agencies> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).agencies)
    }

    /// Takes what an event told of.
    pub(crate) fn learn(&self, told: Told) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        told.learn(Arc::make_mut(&mut known.agencies));
    }

    /// Takes what the table holds: what another replica of this service was told.
    pub async fn refresh(&self, store: &dyn journal::Store) -> Result<(), StoreError> {
        let rows = store.query(ALL, &[]).await?;
        if rows == self.0.read().unwrap_or_else(PoisonError::into_inner).rows {
            return Ok(());
        }
        let mut agencies = REFERENCE.clone();
        for row in &rows {
            let [Value::Text(kind), Value::Text(body)] = row.as_slice() else {
                continue;
            };
            match kind.as_str() {
                AGENCY => Told::Agency(entry(body)?),
                LOCAL_AWARD => Told::LocalAward(entry(body)?),
                DAY => Told::Day(entry(body)?),
                // Written by a later version, which this one runs beside.
                _ => continue,
            }
            .learn(&mut agencies);
        }
        let agencies = Arc::new(agencies);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Known { agencies, rows };
        Ok(())
    }
}

fn entry<T: DeserializeOwned>(body: &str) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|e| StoreError::Corrupt {
        table: "directory_replica",
        column: "body",
        row: body.to_owned(),
        detail: e.to_string(),
    })
}

/// What an event of the directory tells, if it can be read.
pub(crate) fn told(event: &Envelope) -> Option<Told> {
    decode(event).and_then(Told::read).ok().flatten()
}

/// Applies an event of the directory.
pub(crate) fn react(event: &Envelope, unit: &mut Unit) -> Result<(), Fault> {
    let event = decode(event)?;
    mandate(&event, unit)?;
    if let Some(told) = Told::read(event)? {
        unit.write(told.write()?);
    }
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
        second_parent: optional(&agency.second_parent),
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
        second_parent: agency.second_parent.clone().unwrap_or_default(),
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
