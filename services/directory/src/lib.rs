//! Agencies by date, who acts for whom in them, and what they lay down themselves: awards of their own, and days. Every other service keeps a dated replica of them, by events.

mod api;
pub mod machine;
mod reactions;
#[cfg(test)]
mod tests;
mod views;

use std::collections::HashSet;

use ::machine::Machine as _;
use async_trait::async_trait;
use bus::Envelope;
use host::{Engine, Fault, Kind, Service, Unit};
use journal::{Key, Migration, Sql};
use law::{Agencies, Agency};
use proto::directory::v1::directory_service_server::DirectoryServiceServer;
use tonic::service::RoutesBuilder;

use crate::machine::{Input, Listing, days::Days, delegation::Delegation, local_award::OwnAward};

/// Agencies that one commit seeds: few enough for a short transaction.
const SEEDED_AT_ONCE: usize = 64;

/// The directory service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Directory;

static SQLITE: [Migration; 2] = [
    Migration {
        version: 100,
        name: "views",
        sql: include_str!("../../../migrations/sqlite/directory/0100_views.sql"),
    },
    Migration {
        version: 101,
        name: "delegations",
        sql: include_str!("../../../migrations/sqlite/directory/0101_delegations.sql"),
    },
];

static POSTGRES: [Migration; 2] = [
    Migration {
        version: 100,
        name: "views",
        sql: include_str!("../../../migrations/postgres/directory/0100_views.sql"),
    },
    Migration {
        version: 101,
        name: "delegations",
        sql: include_str!("../../../migrations/postgres/directory/0101_delegations.sql"),
    },
];

#[async_trait]
impl Service for Directory {
    fn name(&self) -> &'static str {
        "directory"
    }

    fn migrations(&self, postgres: bool) -> &'static [Migration] {
        if postgres { &POSTGRES } else { &SQLITE }
    }

    fn statements(&self) -> Vec<Sql> {
        views::statements()
    }

    fn kinds(&self) -> Vec<Kind> {
        vec![
            Kind::of::<Listing>(),
            Kind::of::<OwnAward>(),
            Kind::of::<Days>(),
            Kind::of::<Delegation>(),
        ]
    }

    fn producers(&self) -> &'static [&'static str] {
        &[]
    }

    fn touches(&self, _event: &Envelope) -> Vec<Key> {
        Vec::new()
    }

    fn react(&self, event: &Envelope, unit: &mut Unit) -> Result<(), Fault> {
        reactions::react(event, unit)
    }

    fn fire(&self, _key: &Key, _timer: &str, _unit: &mut Unit) -> Result<(), Fault> {
        Ok(())
    }

    fn routes(&self, engine: &Engine, routes: &mut RoutesBuilder) {
        routes.add_service(DirectoryServiceServer::new(api::Api(engine.clone())));
    }

    /// Registers the reference set's agencies that are not there yet. Each commit stands alone: whatever interrupts
    /// it, the next start goes on.
    async fn prepare(&self, engine: &Engine) -> Result<(), Fault> {
        let rows = engine.journal().store().query(views::ALL, &[]).await?;
        let mut there = HashSet::new();
        for row in &rows {
            there.insert(views::read(row)?.0.code);
        }
        let embedded = Agencies::embedded();
        let missing: Vec<&Agency> = embedded.iter().filter(|agency| !there.contains(&agency.code)).collect();
        for batch in missing.chunks(SEEDED_AT_ONCE) {
            let hint = batch
                .iter()
                .map(|agency| Key::new(Listing::NAME, &agency.code))
                .collect();
            let seed = |unit: &mut Unit| {
                for agency in batch {
                    // Another replica may seed at the same time.
                    if unit.get::<Listing>(&agency.code)?.is_none() {
                        unit.step::<Listing>(
                            &agency.code,
                            Input::Register {
                                agency: (*agency).clone(),
                            },
                        )?;
                    }
                }
                Ok(())
            };
            engine.work("reference set", hint, seed).await?;
        }
        if !missing.is_empty() {
            tracing::info!(agencies = missing.len(), "directory seeded");
        }
        Ok(())
    }
}
