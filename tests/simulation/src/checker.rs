//! The invariants, on the stores and on what the officials were told.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use council::machine::{Review, ReviewInput};
use journal::Key;
use machine::Machine as _;

use crate::{
    crew::{Asked, Came},
    store::SimStore,
    world::{SERVICES, World},
};

/// What an act was answered, if it was.
pub fn acknowledged(asked: &Asked) -> Option<&[u8]> {
    asked.came.iter().find_map(|came| match came {
        Came::Ok(reply) => Some(reply.encoded.as_slice()),
        Came::Refused(_) | Came::Unknown(_) => None,
    })
}

/// Who has not yet applied what (I3), and which timers are due (I11).
pub fn behind(world: &World) -> Vec<String> {
    let mut behind = Vec::new();
    let published: BTreeMap<&str, Vec<(Key, u64)>> = world
        .vaults
        .iter()
        .map(|vault| {
            let rows = vault.rows();
            let aggregates = rows.aggregates.rows().values().filter(|at| at.seq > 0);
            (vault.service, aggregates.map(|at| (at.key.clone(), at.seq)).collect())
        })
        .collect();
    for ((name, make), vault) in SERVICES.iter().zip(&world.vaults) {
        let rows = vault.rows();
        let own = (*name != "directory").then_some("directory");
        for producer in own.into_iter().chain(make().producers().iter().copied()) {
            for (key, seq) in published.get(producer).into_iter().flatten() {
                let feed = ((*name).to_owned(), producer.to_owned(), key.to_string());
                let applied = rows.applied.get(&feed).copied().unwrap_or(0);
                if applied != *seq {
                    behind.push(format!(
                        "I3 {name} has applied {applied} of {seq} events of {producer} {key}"
                    ));
                }
            }
        }
        // Some process' clock is behind true time: what is due by it is due by all.
        let due = world.now() - 2 * world.weather.skew_ms as i64 * 1_000 - 10_000_000;
        for ((key, timer), at) in rows.timers.rows() {
            if *at < due {
                behind.push(format!("I11 {name} {key}: timer {timer} is overdue"));
            }
        }
    }
    behind
}

/// What is broken once all has come to rest.
pub async fn check(world: &World) -> Vec<String> {
    let mut broken = world.crew.flaws();
    let panicked = world.nodes.iter().filter(|node| node.panics() > 0);
    broken.extend(panicked.map(|node| format!("PANIC in {}", node.name)));
    for vault in &world.vaults {
        let rows = vault.rows();
        broken.extend(
            rows.flaws
                .rows()
                .keys()
                .map(|flaw| format!("{flaw} ({})", vault.service)),
        );
        for letter in rows.dead_letters.values() {
            let (consumer, aggregate) = (&letter.consumer, &letter.aggregate);
            broken.push(format!(
                "I3 {consumer} parks {aggregate} at event {}: {}",
                letter.seq, letter.error
            ));
        }
    }
    requests(world, &mut broken);
    inboxes(world, &mut broken);
    ballots(world, &mut broken);
    ends(world, &mut broken);
    histories(world, &mut broken).await;
    broken
}

/// I1, I2, I13: acknowledged is present once, with the answer given; refused is absent; unknown is present once or not.
fn requests(world: &World, broken: &mut Vec<String>) {
    let asked = world.crew.asked();
    for vault in &world.vaults {
        let rows = vault.rows();
        let mut moved: BTreeMap<&str, BTreeMap<&Key, Vec<u64>>> = BTreeMap::new();
        for ((key, version), row) in rows.history.rows() {
            if !row.entry.request_id.is_empty() {
                let of = moved.entry(&row.entry.request_id).or_default();
                of.entry(key).or_default().push(*version);
            }
        }
        for (id, keys) in &moved {
            if !asked.contains_key(*id) {
                broken.push(format!("I2 {id}: nobody asked for it ({})", vault.service));
            }
            for (key, versions) in keys {
                // One act may take an aggregate several steps, all at once.
                if versions.windows(2).any(|pair| pair[1] != pair[0] + 1) {
                    broken.push(format!("I2 {key}: request {id} is applied at versions {versions:?}"));
                }
            }
        }
        for (id, asked) in asked.iter().filter(|(_, asked)| asked.service == vault.service) {
            let Asked { act, dossier, .. } = asked;
            let record = rows.requests.get(&(asked.scope.clone(), id.clone()));
            let applied = moved.contains_key(id.as_str());
            let answers: BTreeSet<&[u8]> = asked
                .came
                .iter()
                .filter_map(|came| match came {
                    Came::Ok(reply) => Some(reply.encoded.as_slice()),
                    Came::Refused(_) | Came::Unknown(_) => None,
                })
                .collect();
            if answers.len() > 1 {
                broken.push(format!("I13 {id}: {act} of {dossier} got {} answers", answers.len()));
            }
            if let Some(answer) = answers.first() {
                match record {
                    None => broken.push(format!("I1 {id}: {act} of {dossier} was acknowledged and is gone")),
                    Some(record) if record.reply != *answer => {
                        broken.push(format!(
                            "I13 {id}: {act} of {dossier} was answered otherwise than is kept"
                        ));
                    }
                    Some(_) => {}
                }
                if !applied {
                    broken.push(format!(
                        "I1 {id}: {act} of {dossier} was acknowledged and is in no history"
                    ));
                }
            } else if applied != record.is_some() {
                broken.push(format!("I2 {id}: {act} of {dossier} happened by half"));
            } else if applied && asked.came.iter().all(|came| matches!(came, Came::Refused(_))) {
                broken.push(format!("I1 {id}: {act} of {dossier} was refused and happened"));
            }
        }
    }
}

/// I3, I4: each consumer's inbox holds each event once, without a hole.
fn inboxes(world: &World, broken: &mut Vec<String>) {
    for vault in &world.vaults {
        let rows = vault.rows();
        let mut taken: BTreeMap<(&str, &str), BTreeSet<u64>> = BTreeMap::new();
        for inbox in rows.inbox.rows().values() {
            let of = taken.entry((&inbox.producer, &inbox.aggregate)).or_default();
            if !of.insert(inbox.seq) {
                broken.push(format!(
                    "I4 {}: event {} twice ({})",
                    inbox.aggregate, inbox.seq, vault.service
                ));
            }
        }
        for ((producer, aggregate), seqs) in taken {
            if seqs.last().is_some_and(|last| *last != seqs.len() as u64) {
                broken.push(format!(
                    "I3 {producer} {aggregate}: holes in the inbox of {}",
                    vault.service
                ));
            }
        }
    }
}

/// I9: every acknowledged ballot is counted once, and no box outlives its count.
fn ballots(world: &World, broken: &mut Vec<String>) {
    let Some(vault) = world.vaults.iter().find(|vault| vault.service == "council") else {
        return;
    };
    let rows = vault.rows();
    let mut cast: BTreeMap<&str, usize> = BTreeMap::new();
    let asked = world.crew.asked();
    let mut requests = BTreeSet::new();
    for ((key, version), row) in rows.history.rows() {
        if key.kind != Review::NAME {
            continue;
        }
        match serde_json::from_slice(&row.entry.input) {
            Ok(ReviewInput::BallotCast { choice, .. }) => {
                *cast.entry(&key.id).or_default() += 1;
                requests.insert(row.entry.request_id.as_str());
                if choice.is_some() {
                    broken.push(format!("I9 {key} version {version}: history tells a secret choice"));
                }
            }
            Ok(ReviewInput::Tally { yes, no, blank, .. }) => {
                let counted = (yes + no + blank) as usize;
                let cast = cast.remove(key.id.as_str()).unwrap_or(0);
                if counted != cast {
                    broken.push(format!("I9 {key}: {cast} ballots were cast, {counted} counted"));
                }
                if !rows.sealed(key).is_empty() {
                    broken.push(format!("I9 {key}: the box outlives its count"));
                }
            }
            Ok(_) => {}
            Err(error) => broken.push(format!("I9 {key} version {version}: unreadable input: {error}")),
        }
    }
    for (id, asked) in asked.iter().filter(|(_, asked)| asked.act == "ballot") {
        if acknowledged(asked).is_some() && !requests.contains(id.as_str()) {
            broken.push(format!("I9 {id}: an acknowledged ballot on {} is gone", asked.dossier));
        }
    }
}

/// Every dossier that was awarded is so in approval and in intake, and its subscribers are told once.
fn ends(world: &World, broken: &mut Vec<String>) {
    let asked = world.crew.asked();
    let awarded = asked
        .values()
        .filter(|asked| asked.act == "award" && acknowledged(asked).is_some());
    for asked in awarded {
        let dossier = asked.dossier.as_str();
        for (service, kind) in [("approval", "approval.course"), ("intake", "intake.dossier")] {
            let vault = world.vaults.iter().find(|vault| vault.service == service);
            let Some(vault) = vault else { continue };
            let rows = vault.rows();
            let last = rows.history_of(&Key::new(kind, dossier), 0).last();
            let state = last.map_or("nothing", |row| row.entry.state.as_str());
            if !AWARDED.contains(&state) {
                broken.push(format!("I1 {dossier} was awarded, and is {state} at {service}"));
            }
        }
    }
}

/// The states of a dossier that was awarded, at intake and at approval.
const AWARDED: [&str; 3] = ["awarded", "issued", "published"];

/// I2, I6, I14: chains, numbers and positions hold, and every history replays to what is stored.
async fn histories(world: &World, broken: &mut Vec<String>) {
    for ((name, make), vault) in SERVICES.iter().zip(&world.vaults) {
        let nodes = world.nodes.iter().filter(|node| node.service() == *name);
        let up = loop {
            // One that was asked to end just before all trouble was over is about to start again.
            match nodes.clone().find_map(|node| node.up()) {
                Some(up) => break up,
                None => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        };
        let store = SimStore::new(std::sync::Arc::clone(vault), up.life);
        match journal::verify(&store, |_| ()).await {
            Ok(verified) => {
                let found = verified.problems.iter();
                broken.extend(found.map(|p| format!("I2 {name} {} {}: {}", p.key, p.version, p.what)));
            }
            Err(error) => broken.push(format!("I2 {name}: cannot be read: {error}")),
        }
        match host::admin::replay_all(&up.engine, &make().replayers()).await {
            Ok(replayed) => {
                broken.extend(replayed.divergences.iter().map(|what| format!("I14 {name} {what}")));
            }
            Err(fault) => broken.push(format!("I14 {name}: {fault}")),
        }
    }
}
