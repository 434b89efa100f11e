//! What must hold on a disk after a power cut.

use std::{collections::HashSet, path::Path, time::Duration};

use journal::{Location, Value, compact};
use proto::admin::v1::{GetProgressRequest, ReplayHistoriesRequest, VerifyAuditRequest};
use vinhdanh::{
    client::{Client, SERVICES},
    installation::Installation,
};

use crate::{
    dice::Dice,
    work::{Call, Officials},
    world::{self, Store},
};

/// Of the acknowledged calls that are made again, at most so many.
const REPEATS: usize = 30;
const QUIET_MAX: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(20);

/// Starts services on `folder`/disk and says what is wrong. `calls` are those that were acknowledged before the cut.
///
/// 1. every request id is recorded (looked up before anything is asked again);
/// 2. a repeat gets the first answer, a second time too;
/// 3. every chain verifies and every history replays;
/// 4. every service hears all that the others say, and nothing is left over.
pub async fn check(store: Store, folder: &Path, calls: &[&Call], dice: &mut Dice) -> Vec<String> {
    let (installation, server) = match world::plain(store, folder).await {
        Ok(started) => started,
        Err(error) => return vec![format!("does not start: {error:#}")],
    };
    let mut wrong = Vec::new();
    let location = match &server {
        Some(server) => Location::Postgres(server.url()),
        None => Location::Directory(folder.join("disk")),
    };
    match recorded(&location).await {
        Ok(known) => wrong.extend(
            calls
                .iter()
                .filter(|call| !known.contains(call.request.id()))
                .map(|call| format!("lost: {} at {}", call.request.id(), call.request.service())),
        ),
        Err(error) => wrong.push(format!("cannot be read: {error:#}")),
    }
    // What is lost would be done anew.
    if wrong.is_empty() {
        wrong.extend(repeated(&installation, calls, dice).await);
    }
    wrong.extend(sound(Officials::of(&installation).auditor()).await);
    if let Err(error) = installation.stop().await {
        wrong.push(format!("does not stop: {error:#}"));
    }
    wrong
}

/// All request ids that the stores know.
async fn recorded(location: &Location) -> anyhow::Result<HashSet<String>> {
    let mut known = HashSet::new();
    for service in SERVICES {
        let store = journal::open(location, service, &[]).await?;
        let rows = store.query("SELECT request_id FROM request", &[]).await?;
        known.extend(rows.into_iter().flatten().filter_map(|cell| match cell {
            Value::Bytes(id) => compact::text(&id).ok(),
            _ => None,
        }));
        store.close().await;
    }
    Ok(known)
}

async fn repeated(installation: &Installation, calls: &[&Call], dice: &mut Dice) -> Vec<String> {
    let officials = Officials::of(installation);
    let mut wrong = Vec::new();
    for _ in 0..REPEATS.min(calls.len()) {
        let call = calls[dice.below(calls.len() as u64) as usize];
        let Some((_, answer)) = &call.acknowledged else {
            continue;
        };
        for _ in 0..2 {
            match officials.make(&call.request).await {
                Ok(again) if again == *answer => {}
                Ok(again) => wrong.push(format!(
                    "{} was answered otherwise: {answer:?}, then {again:?}",
                    call.request.id()
                )),
                Err(status) => wrong.push(format!("{} was answered, and now: {status}", call.request.id())),
            }
        }
    }
    wrong
}

/// Chains, histories, and whether all has been heard by all.
async fn sound(auditor: &Client) -> Vec<String> {
    let mut wrong = Vec::new();
    if tokio::time::timeout(QUIET_MAX, quiet(auditor, &mut wrong))
        .await
        .is_err()
    {
        wrong.push("the services do not come to rest".to_owned());
    }
    for service in SERVICES.map(str::to_owned) {
        let mut admin = auditor.admin(&service);
        let verify = VerifyAuditRequest {
            service: service.clone(),
        };
        match admin.verify_audit(verify).await {
            Ok(verified) => wrong.extend(
                verified
                    .into_inner()
                    .problems
                    .iter()
                    .map(|problem| format!("{service}: {problem}")),
            ),
            Err(status) => wrong.push(format!("{service} does not verify: {status}")),
        }
        let replay = ReplayHistoriesRequest {
            service: service.clone(),
        };
        match admin.replay_histories(replay).await {
            Ok(replayed) => wrong.extend(
                replayed
                    .into_inner()
                    .divergences
                    .iter()
                    .map(|one| format!("{service}: {one}")),
            ),
            Err(status) => wrong.push(format!("{service} does not replay: {status}")),
        }
    }
    wrong
}

async fn quiet(auditor: &Client, wrong: &mut Vec<String>) {
    loop {
        let progress = auditor.admin(SERVICES[0]).get_progress(GetProgressRequest {}).await;
        let services = match progress {
            Ok(progress) => progress.into_inner().services,
            Err(status) => return wrong.push(format!("nobody tells the progress: {status}")),
        };
        let head = |producer: &str| services.iter().find(|one| one.service == producer).map(|one| one.head);
        let heard = services.iter().all(|one| {
            let behind = |producer: &str, position| head(producer).is_some_and(|head| position < head);
            one.relayed >= one.head && !one.consumers.iter().any(|from| behind(&from.producer, from.position))
        });
        let dead: i32 = services.iter().map(|one| one.dead_letters).sum();
        if dead > 0 {
            return wrong.push(format!("{dead} events could not be applied"));
        }
        // A consumer that is ahead of its producer has applied what is no longer there.
        for one in &services {
            for from in &one.consumers {
                if head(&from.producer).is_some_and(|head| from.position > head) {
                    return wrong.push(format!(
                        "{} has heard more of {} than it said",
                        one.service, from.producer
                    ));
                }
            }
        }
        if heard {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
