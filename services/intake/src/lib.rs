//! Intake: dossiers arrive, are checked, submitted, returned for supplement. Owns a dossier's content until it is
//! submitted, and again while it is returned.

mod api;
mod judge;
pub mod machine;
mod reactions;
mod views;

use ::machine::Replayer;
use async_trait::async_trait;
use bus::Envelope;
use host::{Engine, Fault, Service, Unit};
use journal::{Key, Migration, Sql};
use tonic::service::RoutesBuilder;

use crate::machine::Dossier;

/// The service.
#[derive(Clone, Copy, Debug)]
pub struct Intake {
    /// Biggest attachment, in bytes.
    pub attachment_bytes_max: u64,
}

const SQLITE: &[Migration] = &[Migration {
    version: 100,
    name: "views",
    sql: include_str!("../../../migrations/sqlite/intake/0100_views.sql"),
}];
const POSTGRES: &[Migration] = &[Migration {
    version: 100,
    name: "views",
    sql: include_str!("../../../migrations/postgres/intake/0100_views.sql"),
}];

#[async_trait]
impl Service for Intake {
    fn name(&self) -> &'static str {
        "intake"
    }

    fn migrations(&self, postgres: bool) -> &'static [Migration] {
        if postgres { POSTGRES } else { SQLITE }
    }

    fn statements(&self) -> Vec<Sql> {
        views::STATEMENTS.to_vec()
    }

    fn replayers(&self) -> Vec<Replayer> {
        vec![Replayer::of::<Dossier>()]
    }

    fn producers(&self) -> &'static [&'static str] {
        &["approval"]
    }

    fn touches(&self, event: &Envelope) -> Vec<Key> {
        reactions::touches(event)
    }

    fn react(&self, event: &Envelope, unit: &mut Unit) -> Result<(), Fault> {
        reactions::react(event, unit)
    }

    /// Intake sets no timers: what waits on a day is approval's.
    fn fire(&self, _: &Key, _: &str, _: &mut Unit) -> Result<(), Fault> {
        Ok(())
    }

    fn routes(&self, engine: &Engine, routes: &mut RoutesBuilder) {
        api::routes(*self, engine, routes);
    }
}
