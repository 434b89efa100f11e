//! Approval: the chain of levels. Owns a dossier's course from submission to decision.

mod api;
mod bonus;
mod bulk;
mod limits;
pub mod machine;
mod opinions;
mod reactions;
mod recount;
mod register;
mod views;

use ::machine::Machine as _;
use async_trait::async_trait;
use bus::Envelope;
use host::{Engine, Fault, Kind, Service, Unit};
use journal::{Key, Migration, Sql};
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

use crate::machine::{Bulk, Course, Decision, Letter, Numbering, OfficeCalendar, PaperAward};

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
    Migration {
        version: 110,
        name: "bulk",
        sql: include_str!("../../../migrations/sqlite/approval/0110_bulk.sql"),
    },
    Migration {
        version: 111,
        name: "successors",
        sql: include_str!("../../../migrations/sqlite/approval/0111_successors.sql"),
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
    Migration {
        version: 110,
        name: "bulk",
        sql: include_str!("../../../migrations/postgres/approval/0110_bulk.sql"),
    },
    Migration {
        version: 111,
        name: "successors",
        sql: include_str!("../../../migrations/postgres/approval/0111_successors.sql"),
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
        [
            &views::STATEMENTS[..],
            &opinions::STATEMENTS,
            &register::STATEMENTS,
            &bulk::STATEMENTS,
        ]
        .concat()
    }

    fn kinds(&self) -> Vec<Kind> {
        vec![
            Kind::of::<Course>(),
            Kind::of::<Letter>(),
            Kind::of::<Decision>(),
            Kind::of::<OfficeCalendar>(),
            Kind::of::<PaperAward>(),
            Kind::of::<Bulk>(),
            Kind::of::<Numbering>(),
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

    async fn run(&self, engine: Engine, stop: CancellationToken) {
        bulk::run(&engine, &stop).await;
    }

    async fn under_way(&self, engine: &Engine) -> Result<u32, Fault> {
        bulk::under_way(engine).await
    }

    fn routes(&self, engine: &Engine, routes: &mut RoutesBuilder) {
        api::routes(engine, routes);
    }
}
