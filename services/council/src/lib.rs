//! Council: councils meet, vote and minute what they voted.

mod admission;
mod api;
mod ballot;
mod constitution;
mod docx;
#[cfg(test)]
mod flow;
pub mod machine;
mod minutes;
mod pages;
mod reactions;
mod views;

use ::machine::Machine as _;
use async_trait::async_trait;
use bus::Envelope;
use host::{Engine, Fault, Kind, Service, Unit};
use journal::{Key, Migration, Sql};
use tonic::service::RoutesBuilder;

use crate::machine::{Agenda, Docket, NEXT_PAGE, Review, Session};

/// The service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Council;

const SQLITE: &[Migration] = &[
    Migration {
        version: 100,
        name: "views",
        sql: include_str!("../../../migrations/sqlite/council/0100_views.sql"),
    },
    Migration {
        version: 101,
        name: "councils",
        sql: include_str!("../../../migrations/sqlite/council/0101_councils.sql"),
    },
];
const POSTGRES: &[Migration] = &[
    Migration {
        version: 100,
        name: "views",
        sql: include_str!("../../../migrations/postgres/council/0100_views.sql"),
    },
    Migration {
        version: 101,
        name: "councils",
        sql: include_str!("../../../migrations/postgres/council/0101_councils.sql"),
    },
];

#[async_trait]
impl Service for Council {
    fn name(&self) -> &'static str {
        "council"
    }

    fn migrations(&self, postgres: bool) -> &'static [Migration] {
        if postgres { POSTGRES } else { SQLITE }
    }

    fn statements(&self) -> Vec<Sql> {
        views::STATEMENTS.to_vec()
    }

    fn kinds(&self) -> Vec<Kind> {
        vec![
            Kind::of::<machine::Council>(),
            Kind::of::<Agenda>(),
            Kind::of::<Docket>(),
            Kind::of::<Review>(),
            Kind::of::<Session>(),
        ]
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

    /// A session goes on with the next page of its agenda.
    fn fire(&self, key: &Key, timer: &str, unit: &mut Unit) -> Result<(), Fault> {
        if key.kind == Session::NAME && timer == NEXT_PAGE {
            pages::go_on(unit, &key.id)?;
        }
        Ok(())
    }

    fn routes(&self, engine: &Engine, routes: &mut RoutesBuilder) {
        api::routes(engine, routes);
    }
}
