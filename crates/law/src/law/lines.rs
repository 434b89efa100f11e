//! A rule set with all that it inherits: its awards, its bundle and the digest of that.

use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

use sha2::{Digest, Sha256};

use super::{Law, LawError};
use crate::{
    AwardRule,
    catalogue::{LayerFile, resolve},
    files::Files,
};

/// What a rule set comes to with all that it inherits; each part is worked out when it is first asked for.
pub(super) struct Line {
    /// The set itself, then what it inherits from, nearest first; and whether that is only borrowed.
    sets: Vec<(String, bool)>,
    layer: OnceLock<LayerFile>,
    awards: OnceLock<Awards>,
    digest: OnceLock<String>,
}

/// The awards as one rule set has them.
pub(super) struct Awards {
    pub(super) all: Vec<AwardRule>,
    by_code: HashMap<String, usize>,
}

impl Line {
    pub(super) const fn new(sets: Vec<(String, bool)>) -> Self {
        Self {
            sets,
            layer: OnceLock::new(),
            awards: OnceLock::new(),
            digest: OnceLock::new(),
        }
    }

    /// Reads the set's own file of awards.
    pub(super) fn force(&self, rule_set: &str, files: &Files) -> Result<(), LawError> {
        let layer = files.one(&layer_path(rule_set))?;
        self.layer.get_or_init(|| layer);
        Ok(())
    }
}

impl Awards {
    pub(super) fn by_code(&self, code: &str) -> Option<&AwardRule> {
        self.by_code.get(code).map(|index| &self.all[*index])
    }
}

fn layer_path(rule_set: &str) -> String {
    format!("{rule_set}/awards.toml")
}

impl Law {
    /// The canonical data of a rule set, as JSON: its files and those of what it inherits. [`Law::from_bundle`] reads
    /// it. `None` for an unknown one.
    pub fn bundle(&self, rule_set: &str) -> Option<String> {
        let sets: Vec<&str> = self
            .lines
            .get(rule_set)?
            .sets
            .iter()
            .map(|(id, _)| id.as_str())
            .collect();
        let bundle = self.files.bundle(&sets);
        Some(bundle.expect("the data of the law is well formed"))
    }

    /// SHA-256, in hex, of the [bundle](Law::bundle) of a rule set. Empty for an unknown one.
    pub fn digest(&self, rule_set: &str) -> &str {
        let Some(line) = self.lines.get(rule_set) else {
            return "";
        };
        line.digest.get_or_init(|| {
            let bundle = self.bundle(rule_set).unwrap_or_default();
            hex::encode(Sha256::digest(bundle))
        })
    }

    /// What a rule set's own file of awards says.
    pub(crate) fn layer(&self, rule_set: &str) -> &LayerFile {
        static NOTHING: LazyLock<LayerFile> = LazyLock::new(LayerFile::default);
        let Some(line) = self.lines.get(rule_set) else {
            return &NOTHING;
        };
        line.layer.get_or_init(|| {
            let read = self.files.one(&layer_path(rule_set));
            read.expect("the data of the law is well formed")
        })
    }

    /// The set itself, then what it inherits from, nearest first; each with whether it is only borrowed: then its
    /// articles are not shown.
    pub(crate) fn line(&self, rule_set: &str) -> &[(String, bool)] {
        self.lines.get(rule_set).map_or(&[], |line| &line.sets)
    }

    /// The awards of a rule set, those included that it no longer gives; `None` for an unknown one.
    pub(super) fn resolved(&self, rule_set: &str) -> Option<&Awards> {
        let line = self.lines.get(rule_set)?;
        Some(line.awards.get_or_init(|| {
            let base = line.sets.get(1).and_then(|(base, _)| self.resolved(base));
            let borrowed = self.rule_set(rule_set).is_some_and(|set| set.borrowed);
            let base = base.map_or(&[][..], |awards| &awards.all);
            let all = resolve(base, self.layer(rule_set), borrowed);
            let by_code = all
                .iter()
                .enumerate()
                .map(|(i, award)| (award.code.clone(), i))
                .collect();
            Awards { all, by_code }
        }))
    }
}
