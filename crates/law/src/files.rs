//! The files that the law is written in: those of all rule sets, and a folder for each rule set of its own.
//!
//! `awards.toml`, `councils.toml`, `limits.toml`, `money.toml`, `documents.toml` and `contribution.toml` in a folder hold
//! what that rule set says; a file of the same name beside the folders holds what all share. `rule_set.toml` makes a
//! folder a rule set, with the folder's name as its id.

use std::{borrow::Cow, collections::BTreeMap, fs, path::Path};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::LawError;

/// What is compiled in: path below `data/`, and text.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// What makes a folder a rule set.
pub(crate) const RULE_SET: &str = "rule_set.toml";
/// The files that rule sets have, and share.
pub(crate) const TABLES: [&str; 6] = [
    "awards.toml",
    "councils.toml",
    "limits.toml",
    "money.toml",
    "documents.toml",
    "contribution.toml",
];
/// The files that stand beside the folders only.
pub(crate) const COMMON: [&str; 4] = ["selection.toml", "calendar.toml", "agencies.toml", "local-award.toml"];

/// Files by their path, e.g. `law-2022/awards.toml`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files(BTreeMap<Cow<'static, str>, Text>);

#[derive(Debug, Clone)]
enum Text {
    Toml(Cow<'static, str>),
    /// As a bundle holds it.
    Read(Value),
}

impl Files {
    /// The files that are compiled in.
    pub fn embedded() -> Self {
        let files = EMBEDDED.iter();
        Self(
            files
                .map(|(path, text)| (Cow::Borrowed(*path), Text::Toml(Cow::Borrowed(*text))))
                .collect(),
        )
    }

    /// The files of a folder, laid over these: a file of the same path takes the place of the one here.
    pub fn overlaid(mut self, dir: &Path) -> Result<Self, LawError> {
        let unreadable = |path: &Path, error: &std::io::Error| LawError::Data {
            file: path.display().to_string(),
            reason: error.to_string(),
        };
        let listed = |dir: &Path| -> Result<Vec<_>, LawError> {
            let entries = fs::read_dir(dir).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            entries.map_err(|error| unreadable(dir, &error))
        };
        let mut found = Vec::new();
        for entry in listed(dir)? {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() {
                for inner in listed(&entry.path())? {
                    let file = inner.file_name().to_string_lossy().into_owned();
                    found.push((format!("{name}/{file}"), inner.path()));
                }
            } else {
                found.push((name, entry.path()));
            }
        }
        let mut files = 0;
        for (name, path) in found.into_iter().filter(|(name, _)| is_toml(name)) {
            if !is_known(&name) {
                return Err(LawError::Data {
                    file: name,
                    reason: format!(
                        "not a file of the law; a rule set has {RULE_SET}, {}, all share {}",
                        TABLES.join(", "),
                        COMMON.join(", ")
                    ),
                });
            }
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            self.0.insert(Cow::Owned(name), Text::Toml(Cow::Owned(text)));
            files += 1;
        }
        if files == 0 {
            return Err(LawError::Data {
                file: dir.display().to_string(),
                reason: "no file of the law is in this folder".to_owned(),
            });
        }
        Ok(self)
    }

    /// The files that a bundle holds.
    pub fn bundled(bundle: Map<String, Value>) -> Self {
        let files = bundle.into_iter();
        Self(
            files
                .map(|(path, value)| (Cow::Owned(path), Text::Read(value)))
                .collect(),
        )
    }

    /// The folders that are rule sets.
    pub fn rule_sets(&self) -> impl Iterator<Item = &str> {
        self.0
            .keys()
            .filter_map(|path| path.strip_suffix(RULE_SET)?.strip_suffix('/'))
    }

    /// All paths.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(AsRef::as_ref)
    }

    /// The text of a file, as TOML.
    pub fn text(&self, path: &str) -> Option<&str> {
        match self.0.get(path)? {
            Text::Toml(text) => Some(text),
            Text::Read(_) => None,
        }
    }

    /// A file as plain values; an absent one is empty.
    pub fn value(&self, path: &str) -> Result<Value, LawError> {
        match self.0.get(path) {
            None => Ok(Value::Object(Map::new())),
            Some(Text::Read(value)) => Ok(value.clone()),
            Some(Text::Toml(text)) => toml::from_str(text).map_err(|error| LawError::Data {
                file: path.to_owned(),
                reason: error.to_string(),
            }),
        }
    }

    /// One file, read.
    pub fn one<T: DeserializeOwned>(&self, path: &str) -> Result<T, LawError> {
        read(path, self.value(path)?)
    }

    /// A table of all rule sets: the lists of the shared file and of every folder, one after the other. Each entry of
    /// a folder names its `rule_set`.
    pub fn table<T: DeserializeOwned>(&self, name: &str) -> Result<T, LawError> {
        let Value::Object(mut all) = self.value(name)? else {
            return read(name, Value::Null);
        };
        for set in self.rule_sets() {
            let path = format!("{set}/{name}");
            let value = self.value(&path)?;
            let Value::Object(lists) = value else { continue };
            for (list, entries) in lists {
                let Value::Array(mut entries) = entries else {
                    return Err(LawError::Data {
                        file: path,
                        reason: format!("{list} must be a list, [[{list}]]"),
                    });
                };
                for entry in &mut entries {
                    if let Value::Object(entry) = entry {
                        entry.insert("rule_set".to_owned(), Value::String(set.to_owned()));
                    }
                }
                let seat = all.entry(list).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(seat) = seat {
                    seat.extend(entries);
                }
            }
        }
        let all = Value::Object(all);
        serde_path_to_error::deserialize(&all).map_err(|error| {
            let (file, at) = place(name, &all, error.path());
            LawError::Data {
                file,
                reason: format!("{at}{}", error.inner()),
            }
        })
    }

    /// The canonical JSON of the files that some rule sets are made of, with what all sets share.
    pub fn bundle(&self, rule_sets: &[&str]) -> Result<String, LawError> {
        let mut bundle = Map::new();
        for path in self.paths() {
            let wanted = match path.split_once('/') {
                Some((set, _)) => rule_sets.contains(&set),
                // Days and agencies are dated data of their own, versioned apart.
                None => !matches!(path, "calendar.toml" | "agencies.toml"),
            };
            if wanted {
                bundle.insert(path.to_owned(), self.value(path)?);
            }
        }
        Ok(Value::Object(bundle).to_string())
    }
}

fn is_toml(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "toml")
}

fn is_known(path: &str) -> bool {
    match path.split_once('/') {
        Some((_, file)) => file == RULE_SET || TABLES.contains(&file),
        None => TABLES.contains(&path) || COMMON.contains(&path),
    }
}

/// The file that an entry of a joined table stands in, and where in it.
fn place(name: &str, all: &Value, path: &serde_path_to_error::Path) -> (String, String) {
    use serde_path_to_error::Segment;
    let mut steps = path.iter();
    let (Some(Segment::Map { key: list }), Some(Segment::Seq { index })) = (steps.next(), steps.next()) else {
        return (name.to_owned(), format!("{path}: "));
    };
    let set_of = |entry: &Value| entry["rule_set"].as_str().map(str::to_owned);
    let entries = all[list].as_array().map_or(&[][..], Vec::as_slice);
    let set = entries.get(*index).and_then(set_of);
    let nth = entries
        .iter()
        .take(index + 1)
        .filter(|entry| set_of(entry) == set)
        .count();
    let rest: Vec<String> = steps.map(ToString::to_string).collect();
    let file = set.map_or_else(|| name.to_owned(), |set| format!("{set}/{name}"));
    (file, format!("[[{list}]] number {nth}, {}: ", rest.join(".")))
}

/// Plain values as what they mean; the error says where.
pub(crate) fn read<T: DeserializeOwned>(file: &str, value: Value) -> Result<T, LawError> {
    serde_path_to_error::deserialize(value).map_err(|error| LawError::Data {
        file: file.to_owned(),
        reason: error.to_string(),
    })
}
