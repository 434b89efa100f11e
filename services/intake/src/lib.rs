//! Intake: dossiers arrive, are checked, submitted, returned for supplement. Owns a dossier's content until it is
//! submitted, and again while it is returned.

mod api;
mod judge;
pub mod machine;
mod reactions;
mod relied;
mod replay;
mod shares;
mod verdicts;
mod views;

use async_trait::async_trait;
use bus::Envelope;
use host::{Engine, Fault, Kind, Service, Unit};
use journal::{Key, Migration, Sql};
use tonic::service::RoutesBuilder;

use crate::machine::{Base, Dossier};

/// The service.
#[derive(Clone, Copy, Debug)]
pub struct Intake {
    /// Biggest attachment, in bytes.
    pub attachment_bytes_max: u64,
}

const SQLITE: &[Migration] = &[
    Migration {
        version: 100,
        name: "views",
        sql: include_str!("../../../migrations/sqlite/intake/0100_views.sql"),
    },
    Migration {
        version: 101,
        name: "verdicts",
        sql: include_str!("../../../migrations/sqlite/intake/0101_verdicts.sql"),
    },
    Migration {
        version: 102,
        name: "relied",
        sql: include_str!("../../../migrations/sqlite/intake/0102_relied.sql"),
    },
    Migration {
        version: 120,
        name: "names",
        sql: include_str!("../../../migrations/sqlite/intake/0120_names.sql"),
    },
];
const POSTGRES: &[Migration] = &[
    Migration {
        version: 100,
        name: "views",
        sql: include_str!("../../../migrations/postgres/intake/0100_views.sql"),
    },
    Migration {
        version: 101,
        name: "verdicts",
        sql: include_str!("../../../migrations/postgres/intake/0101_verdicts.sql"),
    },
    Migration {
        version: 102,
        name: "relied",
        sql: include_str!("../../../migrations/postgres/intake/0102_relied.sql"),
    },
    Migration {
        version: 120,
        name: "names",
        sql: include_str!("../../../migrations/postgres/intake/0120_names.sql"),
    },
];

#[async_trait]
impl Service for Intake {
    fn name(&self) -> &'static str {
        "intake"
    }

    fn migrations(&self, postgres: bool) -> &'static [Migration] {
        if postgres { POSTGRES } else { SQLITE }
    }

    fn statements(&self) -> Vec<Sql> {
        [
            &views::STATEMENTS[..],
            &relied::STATEMENTS,
            &verdicts::STATEMENTS,
            &shares::STATEMENTS,
        ]
        .concat()
    }

    fn kinds(&self) -> Vec<Kind> {
        vec![Kind::of::<Dossier>(), Kind::of::<Base>()]
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

    /// Keeps the rules that verdicts will be reached with, so that each can be reached again when others are installed.
    async fn prepare(&self, engine: &Engine) -> Result<(), Fault> {
        replay::keep_rules(engine).await
    }

    fn routes(&self, engine: &Engine, routes: &mut RoutesBuilder) {
        api::routes(*self, engine, routes);
    }
}
