//! I11: what was set fires once, never early, and is never forgotten; and I1 for unique claims, which stand or fall with
//! their step. Both are what the steps asked for, against what the store holds.

use std::collections::BTreeMap;

use journal::{Key, Micros};

use super::{Judge, instant, row, tail};
use crate::{
    report::Invariant,
    stores::{Accepted, Aggregate, Books},
};

/// What fell due so shortly before the services stopped may not have fired yet. Microseconds.
const GRACE: Micros = 10_000_000;

pub(super) fn check(judge: &mut Judge<'_>) {
    for books in judge.books() {
        let mut set: BTreeMap<&Key, BTreeMap<&str, Micros>> = BTreeMap::new();
        for ((key, name), due) in &books.timers {
            set.entry(key).or_default().insert(name, *due);
        }
        for (key, aggregate) in &books.aggregates {
            let left = set.remove(key).unwrap_or_default();
            if !judge.is_damaged(books.service, key) {
                of_aggregate(judge, books, key, aggregate, &left);
            }
        }
        for (key, timers) in set {
            let shown = |(name, due): (&str, Micros)| format!("timer    {key} {name} due {}", instant(due));
            judge.broken(
                Invariant::I11,
                key.to_string(),
                (
                    "hẹn giờ của hồ sơ không có".to_owned(),
                    "timers of an aggregate that does not exist".to_owned(),
                ),
                timers.into_iter().map(shown).collect(),
            );
        }
        claims(judge, books);
    }
}

fn of_aggregate(judge: &mut Judge<'_>, books: &Books, key: &Key, aggregate: &Aggregate, left: &BTreeMap<&str, Micros>) {
    let set = match fired(judge, books, key, aggregate) {
        Ok(set) => set,
        Err(Wrong { vi, en, rows }) => {
            let history = rows.into_iter().map(|one| row(key, one)).collect();
            return judge.broken(Invariant::I11, key.to_string(), (vi, en), history);
        }
    };
    let run = judge.run();
    let over = run.healed_at.max(run.ended_at - GRACE) - run.clock_margin;
    let history = |name: &str, due: Micros| {
        let mut history = tail(key, aggregate, 2);
        history.push(format!("timer    {key} {name} due {}", instant(due)));
        history
    };
    for (name, due) in left {
        let (vi, en) = if set.get(*name) != Some(due) {
            ("hẹn giờ không ai đặt", "a timer that no step set")
        } else if *due <= over {
            (
                "hẹn giờ đã quá hạn mà chưa chạy",
                "a timer is overdue and has not fired",
            )
        } else {
            continue;
        };
        return judge.broken(
            Invariant::I11,
            key.to_string(),
            (format!("{vi}: {name}"), format!("{en}: {name}")),
            history(name, *due),
        );
    }
    let end = judge
        .stepped
        .get(&(books.service, key.clone()))
        .and_then(|stepped| stepped.end.as_ref());
    let awaits = end.and_then(|end| end.awaits);
    for (name, due) in set {
        // One that fell due may have been refused and forgotten, unless it is what everything waits for.
        let may_be_over = due <= run.ended_at + run.clock_margin && awaits != Some(name.as_str());
        if !left.contains_key(name.as_str()) && !may_be_over {
            return judge.broken(
                Invariant::I11,
                key.to_string(),
                (format!("hẹn giờ bị mất: {name}"), format!("a timer is lost: {name}")),
                history(&name, due),
            );
        }
    }
}

/// What is wrong with a firing.
struct Wrong<'a> {
    vi: String,
    en: String,
    rows: Vec<&'a Accepted>,
}

/// Goes through what was set and what fired; what is still set at the end.
fn fired<'a>(
    judge: &mut Judge<'_>,
    books: &Books,
    key: &Key,
    aggregate: &'a Aggregate,
) -> Result<BTreeMap<String, Micros>, Wrong<'a>> {
    let mut set: BTreeMap<String, Micros> = BTreeMap::new();
    let mut ever: BTreeMap<String, &Accepted> = BTreeMap::new();
    let mut before: Option<&Accepted> = None;
    let mut count = 0;
    let margin = judge.run().clock_margin;
    let Some(stepped) = judge.stepped.get(&(books.service, key.clone())) else {
        return Ok(BTreeMap::new());
    };
    for (one, asked) in aggregate.rows.iter().zip(&stepped.asked) {
        // Another aggregate's timer may step this one; of that one it is judged.
        if let Some(name) = one.timer().filter(|name| ever.contains_key(*name)) {
            let same = before.is_some_and(|before| before.cause == one.cause && before.at == one.at);
            match set.get(name).copied() {
                Some(due) if one.at.0 + margin >= due => {
                    set.remove(name);
                    count += 1;
                }
                // A further step of the firing before.
                _ if same => {}
                Some(due) => {
                    return Err(Wrong {
                        vi: format!("hẹn giờ {name} chạy sớm, hạn là {}", instant(due)),
                        en: format!("timer {name} fired early, it was due {}", instant(due)),
                        rows: vec![ever[name], one],
                    });
                }
                None => {
                    return Err(Wrong {
                        vi: format!("hẹn giờ {name} chạy khi không còn đặt"),
                        en: format!("timer {name} fired though it was not set any more"),
                        rows: before.into_iter().chain([one]).collect(),
                    });
                }
            }
        }
        for (name, due) in &asked.timers {
            match due {
                Some(due) => {
                    set.insert(name.clone(), due.0);
                    ever.insert(name.clone(), one);
                }
                None => {
                    set.remove(name);
                }
            }
        }
        before = Some(one);
    }
    judge.looked.fired += count;
    Ok(set)
}

/// Unique keys are held by those whose steps claimed them.
fn claims(judge: &mut Judge<'_>, books: &Books) {
    let mut held: BTreeMap<&str, &Key> = BTreeMap::new();
    for key in books.aggregates.keys() {
        let Some(stepped) = judge.stepped.get(&(books.service, key.clone())) else {
            // Whose record is broken may hold anything.
            return;
        };
        let mut own: BTreeMap<&str, bool> = BTreeMap::new();
        for (claim, taken) in stepped.asked.iter().flat_map(|asked| &asked.claims) {
            own.insert(claim, *taken);
        }
        held.extend(
            own.into_iter()
                .filter(|(_, taken)| *taken)
                .map(|(claim, _)| (claim, key)),
        );
    }
    let there: BTreeMap<&str, &Key> = books.claims.iter().map(|(claim, key)| (claim.as_str(), key)).collect();
    let apart = held.iter().find(|(claim, key)| there.get(*claim) != Some(key));
    let apart = apart.or_else(|| there.iter().find(|(claim, _)| !held.contains_key(*claim)));
    let Some((claim, key)) = apart.map(|(claim, key)| ((*claim).to_owned(), (*key).clone())) else {
        return;
    };
    let aggregate = books.aggregates.get(&key);
    let mut history = aggregate.map_or_else(Vec::new, |aggregate| tail(&key, aggregate, 2));
    let holder = there
        .get(claim.as_str())
        .map_or_else(|| "nobody".to_owned(), ToString::to_string);
    history.push(format!("claim    {claim} is held by {holder}"));
    judge.broken(
        Invariant::I1,
        key.to_string(),
        (
            format!("khóa duy nhất {claim} không khớp với bước đã ghi"),
            format!("unique key {claim} is not held as the steps say: half a commit"),
        ),
        history,
    );
}
