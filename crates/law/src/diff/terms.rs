//! What a rule set says of each award, with all that it inherits, as plain values.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{Law, LawError, catalogue::matches};

/// A rule set as plain values.
pub(super) struct Terms {
    /// What holds for all awards.
    pub set: Value,
    /// Part → what is said, by award.
    pub awards: BTreeMap<String, Map<String, Value>>,
}

/// The tables whose entries name awards: file, list, the part of the law, what tells entries for one award apart, and
/// whether what is only borrowed counts.
const TABLES: [(&str, &str, &str, &[&str], bool); 7] = [
    ("councils.toml", "vote", "council", &[], false),
    ("councils.toml", "state_council", "council", &[], true),
    ("councils.toml", "publication", "publication", &[], true),
    ("limits.toml", "limit", "limits", &["step", "level"], true),
    ("documents.toml", "dossier", "papers", &[], true),
    ("money.toml", "bonus", "bonus", &[], true),
    ("contribution.toml", "row", "contribution", &[], true),
];

impl Law {
    pub(super) fn terms(&self, rule_set: &str) -> Result<Terms, LawError> {
        let set = self
            .rule_set(rule_set)
            .ok_or_else(|| LawError::UnknownRuleSet(rule_set.to_owned()))?;
        let mut general = json!(set);
        if let Value::Object(general) = &mut general {
            general.remove("base");
            general.remove("borrowed");
        }
        let mut awards = BTreeMap::new();
        for award in self.awards(rule_set) {
            let mut parts = Map::new();
            let mut criteria: Map<String, Value> = Map::new();
            for criterion in &award.criteria {
                let place = format!("{} · {}", criterion.path, criterion.kind);
                let mut value = json!(criterion);
                if let Value::Object(fields) = &mut value {
                    // Whether it stands in the award or lies over it makes no difference to what it says.
                    fields.remove("of_award");
                    fields.retain(|_, value| *value != Value::Bool(false) || value.is_null());
                    fields.insert("confirmed".to_owned(), Value::Bool(criterion.confirmed));
                }
                if let Value::Array(list) = criteria.entry(place).or_insert_with(|| json!([])) {
                    list.push(value);
                }
            }
            parts.insert("criteria".to_owned(), Value::Object(criteria));
            parts.insert(
                "award".to_owned(),
                json!({
                    "name_vi": award.name_vi, "name_en": award.name_en, "recipient": award.recipient,
                    "article": award.article, "frequency": award.frequency,
                }),
            );
            parts.insert(
                "authority".to_owned(),
                json!({
                    "decider": award.decider, "article": award.authority_article,
                    "confirmed": award.authority_confirmed,
                }),
            );
            for (file, list, part, apart, borrowing) in TABLES {
                let said = self.said(rule_set, &award.code, file, list, apart, borrowing)?;
                if said.is_empty() {
                    continue;
                }
                let value = if apart.is_empty() {
                    Value::Array(said.into_values().flatten().collect())
                } else {
                    json!(said)
                };
                if let Value::Object(parts) = parts.entry(part).or_insert_with(|| json!({})) {
                    parts.insert(list.to_owned(), value);
                }
            }
            awards.insert(award.code.clone(), parts);
        }
        Ok(Terms { set: general, awards })
    }

    /// The entries of a list that count for an award: of each place the nearest rule set that says anything.
    fn said(
        &self,
        rule_set: &str,
        award: &str,
        file: &str,
        list: &str,
        apart: &[&str],
        borrowing: bool,
    ) -> Result<BTreeMap<String, Vec<Value>>, LawError> {
        let mut said: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (set, borrowed) in self
            .line(rule_set)
            .iter()
            .filter(|(_, borrowed)| borrowing || !borrowed)
        {
            let value = self.files().value(&format!("{set}/{file}"))?;
            let mut here: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            for entry in value[list].as_array().into_iter().flatten() {
                let patterns = [&entry["awards"], &entry["award"]]
                    .into_iter()
                    .find(|patterns| !patterns.is_null());
                let mine = patterns.is_none_or(|patterns| match patterns {
                    Value::Array(patterns) => {
                        let mut patterns = patterns.iter().filter_map(Value::as_str);
                        patterns.any(|pattern| matches(pattern, award))
                    }
                    pattern => pattern.as_str().is_some_and(|pattern| matches(pattern, award)),
                });
                if !mine {
                    continue;
                }
                let place: Vec<&str> = apart.iter().filter_map(|key| entry[*key].as_str()).collect();
                let mut entry = entry.clone();
                if let Value::Object(fields) = &mut entry {
                    for key in ["awards", "award"].iter().chain(apart) {
                        fields.remove(*key);
                    }
                    if *borrowed {
                        fields.remove("article");
                        fields.insert("confirmed".to_owned(), Value::Bool(false));
                    }
                }
                here.entry(place.join(" · ")).or_default().push(entry);
            }
            for (place, entries) in here {
                // Where entries of one set meet, those that come first count; only rows are alternatives.
                let entries = if list == "row" {
                    entries
                } else {
                    entries.into_iter().take(1).collect()
                };
                said.entry(place).or_insert(entries);
            }
        }
        Ok(said)
    }
}
