//! Two rule sets side by side: what a lawyer must read again.

mod terms;

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Criterion, Law, LawError, eligibility::text::describe};

/// What became of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Only the second has it.
    Added,
    /// Only the first has it.
    Removed,
    /// Both have it, otherwise.
    Changed,
    /// Both say the same, by another article or with another certainty.
    Source,
}

/// One difference between two rule sets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The awards that it is about; none: the rule set as a whole.
    pub awards: Vec<String>,
    /// What of it: `award`, `criteria`, `authority`, `council`, `publication`, `limits`, `papers`, `bonus`,
    /// `contribution` or `rule-set`.
    pub part: String,
    /// Where in that part, e.g. the path of a criterion and its type; empty for the whole part.
    pub place: String,
    /// What became of it.
    pub kind: ChangeKind,
    /// What the first says; null where it says nothing.
    pub before: Value,
    /// What the second says; null where it says nothing.
    pub after: Value,
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.vi, self.en)
    }
}

impl Law {
    /// What differs between a rule set of this law and one of another (or of the same). What changes in the same way for
    /// several awards is one change.
    ///
    /// # Errors
    /// [`LawError::UnknownRuleSet`].
    pub fn diff(&self, rule_set: &str, other: &Self, other_rule_set: &str) -> Result<Vec<Change>, LawError> {
        let (before, after) = (self.terms(rule_set)?, other.terms(other_rule_set)?);
        let mut changes = Vec::new();
        compare(&Seat::whole("rule-set"), &before.set, &after.set, &mut changes);
        let codes: BTreeSet<&String> = before.awards.keys().chain(after.awards.keys()).collect();
        for code in codes {
            let (one, two) = (before.awards.get(code), after.awards.get(code));
            match (one, two) {
                (Some(one), Some(two)) => {
                    let parts: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
                    for part in parts {
                        let seat = Seat {
                            award: Some(code),
                            part,
                            place: String::new(),
                        };
                        let nothing = Value::Null;
                        let (one, two) = (one.get(part).unwrap_or(&nothing), two.get(part).unwrap_or(&nothing));
                        compare(&seat, one, two, &mut changes);
                    }
                }
                (one, two) => {
                    let whole =
                        |terms: Option<&Map<String, Value>>| terms.map_or(Value::Null, |terms| terms["award"].clone());
                    let seat = Seat {
                        award: Some(code),
                        part: "award",
                        place: String::new(),
                    };
                    changes.push(seat.change(&whole(one), &whole(two)));
                }
            }
        }
        let mut changes = together(changes);
        for change in &mut changes {
            (change.vi, change.en) = change.told(self, other);
        }
        Ok(changes)
    }
}

/// What is alike but for the award becomes one.
fn together(changes: Vec<Change>) -> Vec<Change> {
    let mut alike: Vec<Change> = Vec::new();
    let mut seats: HashMap<String, usize> = HashMap::new();
    for change in changes {
        let key = format!("{}\n{}\n{}\n{}", change.part, change.place, change.before, change.after);
        match seats.get(&key) {
            Some(index) if !change.awards.is_empty() => alike[*index].awards.extend(change.awards),
            _ => {
                seats.insert(key, alike.len());
                alike.push(change);
            }
        }
    }
    alike
}

/// Where something is said.
struct Seat<'a> {
    award: Option<&'a str>,
    part: &'a str,
    place: String,
}

impl<'a> Seat<'a> {
    fn whole(part: &'a str) -> Self {
        Self {
            award: None,
            part,
            place: String::new(),
        }
    }

    fn at(&self, key: &str) -> Self {
        let place = if self.place.is_empty() {
            key.to_owned()
        } else {
            format!("{} · {key}", self.place)
        };
        Seat {
            award: self.award,
            part: self.part,
            place,
        }
    }

    fn change(&self, before: &Value, after: &Value) -> Change {
        let kind = match (before, after) {
            (Value::Null, _) => ChangeKind::Added,
            (_, Value::Null) => ChangeKind::Removed,
            _ if substance(before) == substance(after) => ChangeKind::Source,
            _ => ChangeKind::Changed,
        };
        Change {
            awards: self.award.map(str::to_owned).into_iter().collect(),
            part: self.part.to_owned(),
            place: self.place.clone(),
            kind,
            before: before.clone(),
            after: after.clone(),
            vi: String::new(),
            en: String::new(),
        }
    }
}

/// What is said, without where it was read.
fn substance(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let said = fields
                .iter()
                .filter(|(key, _)| !key.starts_with("article") && *key != "confirmed");
            Value::Object(said.map(|(key, value)| (key.clone(), substance(value))).collect())
        }
        Value::Array(list) => Value::Array(list.iter().map(substance).collect()),
        other => other.clone(),
    }
}

/// Goes down objects; lists are compared as sets of entries, where one removed and one added make a change.
fn compare(seat: &Seat<'_>, before: &Value, after: &Value, changes: &mut Vec<Change>) {
    match (before, after) {
        _ if before == after => {}
        (Value::Object(one), Value::Object(two)) => {
            let keys: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
            for key in keys {
                let nothing = Value::Null;
                compare(
                    &seat.at(key),
                    one.get(key).unwrap_or(&nothing),
                    two.get(key).unwrap_or(&nothing),
                    changes,
                );
            }
        }
        (Value::Array(one), Value::Array(two)) if one.iter().chain(two).any(Value::is_object) => {
            let gone: Vec<&Value> = one.iter().filter(|entry| !two.contains(entry)).collect();
            let come: Vec<&Value> = two.iter().filter(|entry| !one.contains(entry)).collect();
            if let ([gone], [come]) = (&gone[..], &come[..]) {
                changes.push(seat.change(gone, come));
            } else {
                changes.extend(gone.into_iter().map(|entry| seat.change(entry, &Value::Null)));
                changes.extend(come.into_iter().map(|entry| seat.change(&Value::Null, entry)));
            }
        }
        // A part that comes or goes as a whole is told entry by entry.
        (Value::Null, Value::Object(two)) if two.values().all(Value::is_array) => {
            for (key, entries) in two {
                compare(&seat.at(key), &Value::Array(Vec::new()), entries, changes);
            }
        }
        (Value::Object(one), Value::Null) if one.values().all(Value::is_array) => {
            for (key, entries) in one {
                compare(&seat.at(key), entries, &Value::Array(Vec::new()), changes);
            }
        }
        (Value::Null, Value::Array(two)) if two.iter().any(Value::is_object) => {
            changes.extend(two.iter().map(|entry| seat.change(&Value::Null, entry)));
        }
        (Value::Array(one), Value::Null) if one.iter().any(Value::is_object) => {
            changes.extend(one.iter().map(|entry| seat.change(entry, &Value::Null)));
        }
        _ => changes.push(seat.change(before, after)),
    }
}

impl Change {
    fn told(&self, first: &Law, second: &Law) -> (String, String) {
        let (part_vi, part_en) = part(&self.part);
        let place = if self.place.is_empty() {
            String::new()
        } else {
            format!(" ({})", self.place)
        };
        let (before_vi, before_en) = words(first, &self.part, &self.before);
        let (after_vi, after_en) = words(second, &self.part, &self.after);
        let (vi, en) = match self.kind {
            ChangeKind::Added => (format!("thêm {after_vi}"), format!("added {after_en}")),
            ChangeKind::Removed => (format!("bỏ {before_vi}"), format!("removed {before_en}")),
            ChangeKind::Changed | ChangeKind::Source => {
                (format!("{before_vi} → {after_vi}"), format!("{before_en} → {after_en}"))
            }
        };
        (format!("{part_vi}{place}: {vi}"), format!("{part_en}{place}: {en}"))
    }
}

fn part(part: &str) -> (&str, &str) {
    match part {
        "award" => ("danh hiệu, hình thức", "award"),
        "authority" => ("thẩm quyền", "authority"),
        "criteria" => ("tiêu chuẩn", "criteria"),
        "council" => ("hội đồng", "council"),
        "publication" => ("công khai", "publication"),
        "limits" => ("thời hạn", "time limits"),
        "papers" => ("hồ sơ", "papers"),
        "bonus" => ("tiền thưởng", "bonus"),
        "contribution" => ("quá trình cống hiến", "contribution"),
        "rule-set" => ("quy định chung", "general"),
        other => (other, other),
    }
}

/// A value in words: a criterion as the engine says it, all else as it stands in the data; with its article.
fn words(law: &Law, part: &str, value: &Value) -> (String, String) {
    let criterion = (part == "criteria").then(|| serde_json::from_value::<Criterion>(value.clone()).ok());
    let (vi, en) = match criterion.flatten() {
        Some(criterion) => {
            let note = describe(law, &criterion);
            (format!("\"{}\"", note.vi), format!("\"{}\"", note.en))
        }
        None => (plain(value), plain(value)),
    };
    let article = value["article"]
        .as_str()
        .map_or_else(String::new, |article| format!(" [{article}]"));
    let open = value["confirmed"] == false;
    (
        format!("{vi}{article}{}", if open { " (chưa xác nhận)" } else { "" }),
        format!("{en}{article}{}", if open { " (unconfirmed)" } else { "" }),
    )
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let shown = fields
                .iter()
                .filter(|(key, value)| !key.starts_with("article") && *key != "confirmed" && !value.is_null());
            shown
                .map(|(key, value)| format!("{key} {}", plain(value)))
                .collect::<Vec<_>>()
                .join(", ")
        }
        other => other.to_string(),
    }
}
