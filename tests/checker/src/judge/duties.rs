//! I8: whoever appraised a dossier neither signs nor decides it, in their own name or in another's. Read from the names
//! in history, whatever the machine thinks.

use std::collections::BTreeMap;

use super::{Judge, row};
use crate::{report::Invariant, stores::Accepted};

pub(super) fn check(judge: &mut Judge<'_>) {
    for books in judge.books() {
        let courses = books.aggregates.iter().filter(|(key, _)| key.kind == "approval.course");
        for (key, aggregate) in courses {
            // Told already, also where the machine itself refused it.
            if judge.is_damaged(books.service, key) {
                continue;
            }
            if let Some((appraised, decided)) = same_hand(&aggregate.rows) {
                judge.broken(
                    Invariant::I8,
                    key.to_string(),
                    (
                        format!("{} đã thẩm định và lại ký hoặc quyết định", appraised.by.id),
                        format!("{} appraised it, and signs or decides it", appraised.by.id),
                    ),
                    vec![row(key, appraised), row(key, decided)],
                );
            }
        }
    }
}

/// Who appraised, and signed or decided in the same round.
pub(super) fn same_hand(rows: &[Accepted]) -> Option<(&Accepted, &Accepted)> {
    let mut appraised: BTreeMap<&str, &Accepted> = BTreeMap::new();
    for row in rows {
        let json = row.json();
        match json.get("input").and_then(serde_json::Value::as_str) {
            Some("open") => appraised.clear(),
            Some("appraise") => {
                appraised.insert(&row.by.id, row);
            }
            Some("sign" | "decide") => {
                let giver = row.by.on_behalf.as_ref().map(|giver| giver.id.as_str());
                let mut hands = std::iter::once(row.by.id.as_str()).chain(giver);
                if let Some(before) = hands.find_map(|hand| appraised.get(hand)) {
                    return Some((before, row));
                }
            }
            _ => {}
        }
    }
    None
}
