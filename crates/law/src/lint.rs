//! Whether the files of the law hold together: codes, dates, gaps, circles, ways that nobody can go.

mod awards;
mod dates;
mod tables;

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::{Law, files::COMMON, files::TABLES};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Verdicts or routes would be wrong: the files must not be installed.
    Error,
    /// To be looked at.
    Warning,
}

/// One thing that does not hold together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// A stable code, e.g. `UNKNOWN_AWARD`.
    pub code: &'static str,
    /// The file, e.g. `law-2022/awards.toml`.
    pub file: String,
    /// Where in it, e.g. `[[criteria]] number 3`; empty for the file as a whole.
    pub place: String,
    /// For people, in Vietnamese.
    pub vi: String,
    /// For people, in English.
    pub en: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.place.is_empty() { "" } else { ", " };
        write!(
            f,
            "{}{place}{}: {} / {} ({})",
            self.file, self.place, self.vi, self.en, self.code
        )
    }
}

/// One entry of one list of one file, as it lies there.
struct Entry {
    file: String,
    list: String,
    nth: usize,
    value: Value,
}

impl Entry {
    fn place(&self) -> String {
        let name = ["code", "award", "of_award", "id"]
            .iter()
            .find_map(|key| self.value[*key].as_str());
        let name = name.map_or_else(String::new, |name| format!(" ({name})"));
        format!("[[{}]] number {}{name}", self.list, self.nth)
    }

    fn finding(&self, severity: Severity, code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Finding {
        Finding {
            severity,
            code,
            file: self.file.clone(),
            place: self.place(),
            vi: vi.into(),
            en: en.into(),
        }
    }

    fn error(&self, code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Finding {
        self.finding(Severity::Error, code, vi, en)
    }

    fn warning(&self, code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Finding {
        self.finding(Severity::Warning, code, vi, en)
    }

    /// The rule set whose folder it lies in.
    fn rule_set(&self) -> Option<&str> {
        self.file.split_once('/').map(|(set, _)| set)
    }

    fn strings<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> {
        let list = self.value[key].as_array().map_or(&[][..], Vec::as_slice);
        list.iter()
            .chain(std::iter::once(&self.value[key]))
            .filter_map(Value::as_str)
    }
}

/// What a check of the files looks at, and what it found.
struct Desk<'a> {
    law: &'a Law,
    entries: Vec<Entry>,
    found: Vec<Finding>,
}

impl Desk<'_> {
    fn lists<'b>(&'b self, list: &'b str) -> impl Iterator<Item = &'b Entry> {
        self.entries.iter().filter(move |entry| entry.list == list)
    }
}

impl Law {
    /// What does not hold together in the files of this law; errors first, then in the order of the files.
    pub fn lint(&self) -> Vec<Finding> {
        let mut desk = Desk {
            law: self,
            entries: self.entries_as_they_lie(),
            found: Vec::new(),
        };
        dates::check(&mut desk);
        awards::check(&mut desk);
        tables::check(&mut desk);
        let mut found = desk.found;
        found.sort_by(|a, b| (a.severity, &a.file).cmp(&(b.severity, &b.file)));
        found
    }

    fn entries_as_they_lie(&self) -> Vec<Entry> {
        let sets = self.rule_sets().iter();
        let folders = sets.flat_map(|set| TABLES.iter().map(move |file| format!("{}/{file}", set.id)));
        let common = TABLES.iter().chain(&COMMON).map(|file| (*file).to_owned());
        let mut entries = Vec::new();
        for file in folders.chain(common) {
            let Ok(Value::Object(lists)) = self.files().value(&file) else {
                continue;
            };
            for (list, values) in lists {
                let Value::Array(values) = values else { continue };
                for (index, value) in values.into_iter().enumerate() {
                    // The criteria that stand in an award are entries like the others.
                    if let (Value::Array(inner), Value::String(code)) = (&value["criteria"], &value["code"]) {
                        for (nth, criterion) in inner.iter().enumerate() {
                            let mut value = criterion.clone();
                            value["of_award"] = Value::String(code.clone());
                            entries.push(Entry {
                                file: file.clone(),
                                list: "criteria".to_owned(),
                                nth: nth + 1,
                                value,
                            });
                        }
                    }
                    entries.push(Entry {
                        file: file.clone(),
                        list: list.clone(),
                        nth: index + 1,
                        value,
                    });
                }
            }
        }
        entries
    }
}
