//! A verdict reached again: that content, by those rules, with that directory.

use host::{Engine, Fault, replica::date};
use journal::{Key, Store, StoreError};
use law::{Agencies, Check, Law};
use machine::{Actor, Machine as _, Recorded, Snapshot, Timestamp};

use crate::{
    judge::{self, Ground},
    machine::{Dossier, Judged},
    verdicts::{self, Kept},
};

/// Rows of history that are read at a time.
const HISTORY_ROWS: u32 = 500;

/// The rules of every installed rule set, kept under their digests for as long as the journal is.
pub(crate) async fn keep_rules(engine: &Engine) -> Result<(), Fault> {
    let law = engine.law();
    let now = engine.clock().now().0;
    let store = engine.journal().store();
    for set in law.rule_sets() {
        let digest = law.digest(&set.id);
        if store.blob_size(digest).await?.is_none() {
            let bundle = law.bundle(&set.id).unwrap_or_default();
            store.put_blob(digest, bundle.as_bytes(), now).await?;
        }
    }
    Ok(())
}

/// What judging again came to.
#[derive(Default)]
pub(crate) struct Again {
    /// The check, where there is one.
    pub(crate) check: Option<Check>,
    /// What differs, or is damaged.
    pub(crate) differences: Vec<String>,
}

/// Reaches a kept verdict again, from the journal alone.
pub(crate) async fn replay(engine: &Engine, dossier: &str, kept: &Kept) -> Result<Again, Fault> {
    let store = engine.journal().store();
    let at = match as_of(store.as_ref(), dossier, kept.number).await? {
        Ok(at) => at,
        Err(difference) => {
            return Ok(Again {
                check: None,
                differences: vec![difference],
            });
        }
    };
    let mut again = recall(engine, &at.data, true).await?;
    if at.data.judged != kept.judged {
        let shown = |judged: &Judged| serde_json::to_string(judged).unwrap_or_default();
        again.differences.insert(
            0,
            format!(
                "record: history says {}, the list of verdicts {}",
                shown(&at.data.judged),
                shown(&kept.judged)
            ),
        );
    }
    Ok(again)
}

/// Judges a dossier again by what its verdict was reached with. `recorded`: by the rules as kept, even where the same
/// are installed.
pub(crate) async fn recall(engine: &Engine, dossier: &Dossier, recorded: bool) -> Result<Again, Fault> {
    let store = engine.journal().store();
    let judged = dossier.judged.clone();
    let content = dossier.content.clone();
    let mut differences = Vec::new();
    let found = judge::digest(&content);
    if found != judged.content_digest {
        differences.push(format!("content: recorded {}, found {found}", judged.content_digest));
    }
    let extract = match verdicts::extract(store.as_ref(), &judged.directory_digest).await? {
        Ok(extract) => Some(extract),
        Err(difference) => {
            differences.push(difference);
            None
        }
    };
    let installed = engine.law();
    let bundle = if !recorded && installed.digest(&judged.rule_set) == judged.rule_set_digest {
        None
    } else {
        match rules(store.as_ref(), &judged.rule_set_digest).await? {
            Ok(bundle) => Some(bundle),
            Err(difference) => {
                differences.push(difference);
                return Ok(Again {
                    check: None,
                    differences,
                });
            }
        }
    };
    let Some(extract) = extract else {
        return Ok(Again {
            check: None,
            differences,
        });
    };
    // Reading a whole rule set takes milliseconds, which other calls need not wait for.
    let judging = tokio::task::spawn_blocking(move || {
        let outcome = judge_again(installed, bundle.as_deref(), &content, &extract, &judged);
        (outcome, judged)
    });
    let (outcome, judged) = judging.await.map_err(|e| Fault::Internal(e.to_string()))?;
    match outcome {
        Ok(check) => {
            differences.extend(compare(&judged, &check)?);
            Ok(Again {
                check: Some(check),
                differences,
            })
        }
        Err(difference) => {
            differences.push(difference);
            Ok(Again {
                check: None,
                differences,
            })
        }
    }
}

fn judge_again(
    installed: &Law,
    bundle: Option<&str>,
    content: &str,
    extract: &str,
    judged: &Judged,
) -> Result<Check, String> {
    let read;
    let law = match bundle {
        None => installed,
        Some(bundle) => {
            read = Law::from_bundle(bundle).map_err(|e| format!("rules: {e}"))?;
            &read
        }
    };
    let agencies = Agencies::from_canonical(extract).map_err(|e| format!("directory: {e}"))?;
    let on = date("on", &judged.on).map_err(|e| format!("on: {e}"))?;
    let ground = Ground {
        occasion: judged.occasion,
        received_on: &judged.received_on,
        chosen: &judged.chosen,
    };
    judge::again(law, content, &agencies, ground, on).map_err(|e| format!("check: {e}"))
}

/// The kept rules of a digest; `Err` says why there are none that could be relied on.
async fn rules(store: &dyn Store, digest: &str) -> Result<Result<String, String>, Fault> {
    match store.blob(digest).await {
        Ok(Some(bundle)) => Ok(String::from_utf8(bundle).map_err(|e| format!("rules: {e}"))),
        Ok(None) => Ok(Err(format!("rules: those of the digest {digest} were not kept"))),
        Err(damaged @ StoreError::Corrupt { .. }) => Ok(Err(format!("rules: {damaged}"))),
        Err(error) => Err(error.into()),
    }
}

fn compare(judged: &Judged, check: &Check) -> Result<Vec<String>, Fault> {
    let mut differences = Vec::new();
    let mut same = |field: &str, recorded: &str, found: &str| {
        if recorded != found {
            differences.push(format!("{field}: recorded {recorded}, found {found}"));
        }
    };
    let holds: Vec<&str> = check.holds.iter().map(|hold| hold.kind.as_str()).collect();
    same("rule_set", &judged.rule_set, &check.rule_set);
    same("verdict", &judged.verdict, check.verdict.as_str());
    same("unmet", &judged.unmet.join(", "), &check.unmet.join(", "));
    same("missing", &judged.missing.join(", "), &check.missing.join(", "));
    same("holds", &judged.holds.join(", "), &holds.join(", "));
    same("tree", &judged.tree_digest, &judge::tree_digest(check)?);
    Ok(differences)
}

/// The dossier at a version, from its history alone; `Err` says where that is damaged.
async fn as_of(store: &dyn Store, dossier: &str, version: u64) -> Result<Result<Snapshot<Dossier>, String>, Fault> {
    let key = Key::new(Dossier::NAME, dossier);
    let mut rows: Vec<Recorded> = Vec::new();
    while rows.last().is_none_or(|row| row.version < version) {
        let from = rows.last().map_or(0, |row| row.version);
        let page = store.history(&key, from, HISTORY_ROWS).await?;
        if page.is_empty() {
            return Ok(Err(format!("history: it ends before version {version}")));
        }
        for row in page {
            let by: Actor = match serde_json::from_str(&row.entry.actor) {
                Ok(by) => by,
                Err(e) => return Ok(Err(format!("history: the actor of version {}: {e}", row.version))),
            };
            rows.push(Recorded {
                version: row.version,
                machine_version: row.machine_version,
                input: row.entry.input,
                by,
                at: Timestamp(row.entry.at),
                state: row.entry.state,
                outcome: row.entry.outcome,
            });
        }
    }
    rows.retain(|row| row.version <= version);
    Ok(machine::replay::<Dossier>(&rows).map_err(|divergence| format!("history: {divergence}")))
}
