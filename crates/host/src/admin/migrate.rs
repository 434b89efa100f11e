//! Moves aggregates to a later version of their machine, each for itself: tried on a copy of its history first, then
//! done on the very version that was tried, or tried anew.

use std::{collections::BTreeSet, sync::Arc};

use journal::{Key, Sql, Store, Value};
use machine::{Actor, Migrate, Obstacle, Stimulus};
use proto::admin::v1::{
    AggregateMigration, MigrateAggregatesRequest, MigrateAggregatesResponse, aggregate_migration::Outcome,
};
use sha2::{Digest as _, Sha256};

use super::{Running, replay::history};
use crate::{Call, Engine, Fault, Kind, engine, paging::Page};

/// How often a move is tried anew when the aggregate was stepped meanwhile.
const ATTEMPTS: u32 = 8;

const TIMERS: Sql = "SELECT name FROM timer WHERE kind = $1 AND id = $2 ORDER BY name";

/// What is to be done to each aggregate.
struct Order<'a> {
    engine: &'a Engine,
    kind: Kind,
    call: &'a Call,
    to: Migrate,
    dry: bool,
}

/// A page of them.
pub(super) async fn migrate(
    running: &Running,
    call: Call,
    request: &MigrateAggregatesRequest,
) -> Result<MigrateAggregatesResponse, Fault> {
    let kinds = running.service.kinds();
    let Some(kind) = kinds.into_iter().find(|kind| kind.replayer.machine == request.machine) else {
        return Err(Fault::field(
            "INVALID_REQUEST",
            "machine",
            "this service has no such machine",
        ));
    };
    let newest = kind.replayer.version;
    if !(1..=newest).contains(&request.to) {
        let what = format!("{} has the versions 1 to {newest}", request.machine);
        return Err(Fault::field("VERSION_UNKNOWN", "to", what));
    }
    if !request.dry_run && request.reason.trim().is_empty() {
        return Err(Fault::field(
            "INVALID_REQUEST",
            "reason",
            "say why; it is kept in each history",
        ));
    }
    let order = Order {
        engine: &running.engine,
        kind,
        call: &call,
        to: Migrate {
            to: request.to,
            reason: request.reason.clone(),
        },
        dry: request.dry_run,
    };
    let only: BTreeSet<&str> = request.only.iter().map(String::as_str).collect();
    let filters = format!("migrate/{}/{}/{}", request.machine, request.to, request.only.join("/"));
    let page = Page::read(request.page_size, &request.page_token, &filters)?;
    let mut ids = if only.is_empty() {
        ids(order.store().as_ref(), &request.machine, &page).await?
    } else {
        let after = only.into_iter().filter(|id| *id > page.after.as_str());
        after.take(page.size + 1).map(str::to_owned).collect()
    };
    let next_page_token = page.cut(&mut ids, Clone::clone);
    let mut aggregates = Vec::with_capacity(ids.len());
    for id in ids {
        aggregates.push(order.one(id).await?);
    }
    Ok(MigrateAggregatesResponse {
        aggregates,
        next_page_token,
    })
}

/// The ids of a page and one more, of one kind.
async fn ids(store: &dyn Store, kind: &str, page: &Page) -> Result<Vec<String>, Fault> {
    let after = Key::new(kind, page.after.as_str());
    let keys = store.keys(Some(&after), page.limit() as u32).await?;
    let of_kind = keys.into_iter().take_while(|key| key.kind == kind);
    Ok(of_kind.map(|key| key.id).collect())
}

impl Order<'_> {
    fn store(&self) -> &Arc<dyn Store> {
        self.engine.journal().store()
    }

    async fn one(&self, id: String) -> Result<AggregateMigration, Fault> {
        for _ in 0..ATTEMPTS {
            let (version, told) = self.tried(&id).await?;
            if self.dry || told.outcome() != Outcome::Moved {
                return Ok(told);
            }
            match self.done(&told, version).await {
                Err(Fault::Stale { .. }) => {}
                done => return done,
            }
        }
        Err(Fault::Contended)
    }

    /// Moves a copy: the version of the aggregate, and what came of it.
    async fn tried(&self, id: &str) -> Result<(u64, AggregateMigration), Fault> {
        let key = Key::new(self.kind.replayer.machine, id);
        let mut told = AggregateMigration {
            id: id.to_owned(),
            ..AggregateMigration::default()
        };
        // The timers first: a step in between makes the history longer, and the move is tried anew.
        let of = [Value::Text(key.kind.clone()), Value::Text(key.id.clone())];
        let rows = self.store().query(TIMERS, &of).await?;
        let names = rows.into_iter().flatten().filter_map(|name| match name {
            Value::Text(name) => Some(name),
            _ => None,
        });
        let timers: BTreeSet<String> = names.collect();
        let rows = history(self.store().as_ref(), &key).await?;
        let Some(last) = rows.last() else {
            told.set_outcome(Outcome::Absent);
            return Ok((0, told));
        };
        let version = last.version;
        (told.version, told.state) = (last.machine_version, last.state.clone());
        if told.version >= self.to.to {
            told.set_outcome(Outcome::Already);
            return Ok((version, told));
        }
        let stimulus = Stimulus {
            input: self.to.clone(),
            by: self.by(),
            at: self.engine.clock().now(),
        };
        match (self.kind.replayer.prospect)(&rows, &timers, &stimulus) {
            Err(divergence) => refuse(&mut told, "DIVERGES", divergence.to_string()),
            Ok(prospect) => match prospect.next {
                Ok(next) => {
                    told.set_outcome(Outcome::Moved);
                    told.next_state = next;
                }
                Err(Obstacle::Refused(_)) if prospect.ended => told.set_outcome(Outcome::Ended),
                Err(obstacle) => refuse(&mut told, obstacle.reason(), obstacle.to_string()),
            },
        }
        Ok((version, told))
    }

    /// Moves the aggregate itself, if it is of this version still.
    async fn done(&self, told: &AggregateMigration, version: u64) -> Result<AggregateMigration, Fault> {
        let call = Call {
            request_id: request_id_of(&self.call.request_id, &told.id),
            ..self.call.clone()
        };
        let hint = vec![Key::new(self.kind.replayer.machine, told.id.as_str())];
        let body = |unit: &mut crate::Unit| {
            if (self.kind.version)(unit, &told.id)? != version {
                return Err(Fault::Stale {
                    given: version.to_string(),
                });
            }
            let next_state = (self.kind.migrate)(unit, &told.id, self.to.clone())?;
            Ok(AggregateMigration {
                next_state,
                ..told.clone()
            })
        };
        self.engine.act(&call, hint, body).await
    }

    fn by(&self) -> Actor {
        engine::actor(&self.call.principal)
    }
}

fn refuse(told: &mut AggregateMigration, reason: &str, detail: String) {
    told.set_outcome(Outcome::Refused);
    (told.reason, told.detail) = (reason.to_owned(), detail);
}

/// Each aggregate's move is a request of its own, the same in a repeated page.
fn request_id_of(page: &str, id: &str) -> String {
    let digest = Sha256::new_with_prefix(page).chain_update(id).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}
