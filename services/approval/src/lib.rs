//! Approval: the chain of levels. Owns a dossier's course from submission to decision.

mod api;
mod bonus;
mod limits;
pub mod machine;
mod opinions;
mod reactions;
mod recount;
mod register;
mod views;

use ::machine::{Machine as _, Replayer};
use async_trait::async_trait;
use bus::Envelope;
use host::{Engine, Fault, Service, Unit};
use journal::{Key, Migration, Sql};
use tonic::service::RoutesBuilder;

use crate::machine::{Course, Decision, Letter, OfficeCalendar, PaperAward};

/// The service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Approval;

const SQLITE: &[Migration] = &[
    Migration {
        version: 100,
        name: "views",
        sql: include_str!("../../../migrations/sqlite/approval/0100_views.sql"),
    },
    Migration {
        version: 101,
        name: "deadlines",
        sql: include_str!("../../../migrations/sqlite/approval/0101_deadlines.sql"),
    },
    Migration {
        version: 102,
        name: "chain",
        sql: include_str!("../../../migrations/sqlite/approval/0102_chain.sql"),
    },
    Migration {
        version: 103,
        name: "tasks",
        sql: include_str!("../../../migrations/sqlite/approval/0103_tasks.sql"),
    },
];
const POSTGRES: &[Migration] = &[
    Migration {
        version: 100,
        name: "views",
        sql: include_str!("../../../migrations/postgres/approval/0100_views.sql"),
    },
    Migration {
        version: 101,
        name: "deadlines",
        sql: include_str!("../../../migrations/postgres/approval/0101_deadlines.sql"),
    },
    Migration {
        version: 102,
        name: "chain",
        sql: include_str!("../../../migrations/postgres/approval/0102_chain.sql"),
    },
    Migration {
        version: 103,
        name: "tasks",
        sql: include_str!("../../../migrations/postgres/approval/0103_tasks.sql"),
    },
];

#[async_trait]
impl Service for Approval {
    fn name(&self) -> &'static str {
        "approval"
    }

    fn migrations(&self, postgres: bool) -> &'static [Migration] {
        if postgres { POSTGRES } else { SQLITE }
    }

    fn statements(&self) -> Vec<Sql> {
        [&views::STATEMENTS[..], &opinions::STATEMENTS, &register::STATEMENTS].concat()
    }

    fn replayers(&self) -> Vec<Replayer> {
        vec![
            Replayer::of::<Course>(),
            Replayer::of::<Letter>(),
            Replayer::of::<Decision>(),
            Replayer::of::<OfficeCalendar>(),
            Replayer::of::<PaperAward>(),
        ]
    }

    fn producers(&self) -> &'static [&'static str] {
        &["intake", "council"]
    }

    fn touches(&self, event: &Envelope) -> Vec<Key> {
        reactions::touches(event)
    }

    fn react(&self, event: &Envelope, unit: &mut Unit) -> Result<(), Fault> {
        reactions::react(event, unit)
    }

    fn follow_directory(&self, event: &Envelope, unit: &mut Unit) -> Result<(), Fault> {
        recount::follow_directory(event, unit)
    }

    fn fire(&self, key: &Key, timer: &str, unit: &mut Unit) -> Result<(), Fault> {
        reactions::fire(key, timer, unit)
    }

    async fn prepare(&self, engine: &Engine) -> Result<(), Fault> {
        let calendar = Key::new(OfficeCalendar::NAME, limits::CALENDAR);
        engine.work("start", vec![calendar], recount::years).await
    }

    fn routes(&self, engine: &Engine, routes: &mut RoutesBuilder) {
        api::routes(engine, routes);
    }
}
