//! Codes by their names, and what is told where a name gives none.

use std::collections::{BTreeMap, BTreeSet};

use crate::flaw::{What, quoted};

/// How the errors of a register speak.
pub(super) struct Words {
    pub unknown: &'static str,
    pub unknown_vi: &'static str,
    pub unknown_en: &'static str,
    pub ambiguous: &'static str,
    pub ambiguous_vi: &'static str,
    /// What to do about a name that may mean several, in both languages.
    pub advice: [&'static str; 2],
}

/// Codes by their names, and names by their codes.
pub(super) struct Register {
    words: Words,
    /// What names are found by.
    key: fn(&str) -> String,
    /// Key → codes; several where the name does not say which.
    codes: BTreeMap<String, BTreeSet<String>>,
    /// Code → name.
    names: BTreeMap<String, String>,
}

impl Register {
    pub(super) fn new(words: Words, key: fn(&str) -> String, names: BTreeMap<String, String>) -> Self {
        let mut codes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (code, name) in &names {
            for text in [code, name] {
                codes.entry(key(text)).or_default().insert(code.clone());
            }
        }
        Self {
            words,
            key,
            codes,
            names,
        }
    }

    /// Another name for the codes that are meant, unless it is taken.
    pub(super) fn also(&mut self, name: &str, meant: impl Fn(&str) -> bool) {
        let codes: BTreeSet<String> = self.names.keys().filter(|code| meant(code)).cloned().collect();
        if !codes.is_empty() {
            self.codes.entry((self.key)(name)).or_insert(codes);
        }
    }

    /// The name of each code.
    pub(super) const fn names(&self) -> &BTreeMap<String, String> {
        &self.names
    }

    /// The code that a text means without doubt.
    pub(super) fn code(&self, text: &str) -> Result<String, What> {
        let words = &self.words;
        let key = (self.key)(text);
        let told = |code: &String| {
            let name = self.names.get(code).map_or("", String::as_str);
            format!("{name} ({code})")
        };
        match self.codes.get(&key) {
            Some(codes) if codes.len() == 1 => Ok(codes.iter().next().cloned().unwrap_or_default()),
            Some(codes) => {
                let which = codes.iter().take(6).map(told).collect::<Vec<_>>().join("; ");
                let [vi, en] = words.advice;
                Err(What::new(
                    words.ambiguous,
                    format!("{} chưa rõ là {} nào: {which}{vi}", quoted(text), words.ambiguous_vi),
                    format!("{} may mean {which}{en}", quoted(text)),
                ))
            }
            None => {
                let near = nearest(&key, &self.codes)
                    .iter()
                    .map(told)
                    .collect::<Vec<_>>()
                    .join("; ");
                let (mut vi, mut en) = (
                    format!("không có {} {}", words.unknown_vi, quoted(text)),
                    format!("no {} is called {}", words.unknown_en, quoted(text)),
                );
                if !near.is_empty() {
                    vi = format!("{vi}; gần giống: {near}");
                    en = format!("{en}; near it: {near}");
                }
                Err(What::new(words.unknown, vi, en))
            }
        }
    }
}

/// Up to three codes whose names are near.
fn nearest(key: &str, names: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    const COMPARED_CHARS_MAX: usize = 120;
    let length = key.chars().count();
    if !(2..=COMPARED_CHARS_MAX).contains(&length) {
        return Vec::new();
    }
    let mut near: Vec<(usize, &String)> = names
        .iter()
        .filter_map(|(name, codes)| {
            let far = distance(key, name);
            let starts = length >= 4 && name.starts_with(key);
            (far <= 1 + length / 5 || starts).then_some((if starts { 0 } else { far }, codes.iter().next()?))
        })
        .collect();
    near.sort();
    let mut codes: Vec<String> = Vec::new();
    for (_, code) in near {
        if !codes.contains(code) && codes.len() < 3 {
            codes.push(code.clone());
        }
    }
    codes
}

/// How many letters must change.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[other.len()]
}
