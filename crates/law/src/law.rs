//! The law as data: where it is read, and how one asks it.

mod error;
mod lines;
mod tables;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{LazyLock, OnceLock},
};

pub use self::error::LawError;
pub(crate) use self::tables::Entry;
use self::{lines::Line, tables::Tables};
use crate::{AwardRule, catalogue::Pending, eligibility::prepared::Prepared, files::Files, rule_set::RuleSetsFile};

/// What the law says: awards, rule sets by date, eligibility, routes, councils, limits, money and the calendar.
pub struct Law {
    files: Files,
    rule_sets: RuleSetsFile,
    lines: BTreeMap<String, Line>,
    tables: Tables,
    prepared: OnceLock<Prepared>,
}

static EMBEDDED: LazyLock<Law> =
    LazyLock::new(|| Law::of(Files::embedded()).expect("the rule sets that are compiled in are well formed"));

impl Law {
    /// The law that is compiled in.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// The law that is compiled in with a folder of files laid over it: a new rule set is a new folder there, and a
    /// file of the same path takes the place of the one compiled in.
    ///
    /// # Errors
    /// [`LawError::Data`], naming the file that is unknown, unreadable or malformed, and where in it.
    pub fn load(dir: &Path) -> Result<Self, LawError> {
        let law = Self::of(Files::embedded().overlaid(dir)?)?;
        law.verify()?;
        Ok(law)
    }

    /// The rule sets that a bundle holds, as [`Law::bundle`] wrote it: enough to judge again what they judged.
    ///
    /// # Errors
    /// [`LawError::Data`] if it is no bundle.
    pub fn from_bundle(bundle: &str) -> Result<Self, LawError> {
        let files = serde_json::from_str(bundle).map_err(|error| LawError::Data {
            file: "bundle".to_owned(),
            reason: error.to_string(),
        })?;
        let law = Self::of(Files::bundled(files))?;
        law.verify()?;
        Ok(law)
    }

    /// This law, as if one rule set had been in force for ever: for trying rules on the dossiers of other days. `None`
    /// for an unknown rule set.
    pub fn always(&self, rule_set: &str) -> Option<Self> {
        self.rule_set(rule_set)?;
        let mut law = Self::of(self.files.clone()).ok()?;
        law.rule_sets.always = Some(rule_set.to_owned());
        Some(law)
    }

    /// The files that the law is written in: path, e.g. `law-2022/awards.toml`, and text, by path. Empty for a bundle.
    pub fn written(&self) -> impl Iterator<Item = (&str, &str)> {
        let paths = self.files.paths();
        paths.filter_map(|path| Some((path, self.files.text(path)?)))
    }

    fn of(files: Files) -> Result<Self, LawError> {
        let rule_sets = RuleSetsFile::read(&files)?;
        let mut lines = BTreeMap::new();
        for set in &rule_sets.rule_set {
            let sets = rule_sets.line(&set.id)?;
            lines.insert(set.id.clone(), Line::new(sets));
        }
        Ok(Self {
            files,
            rule_sets,
            lines,
            tables: Tables::new(),
            prepared: OnceLock::new(),
        })
    }

    /// Reads every file, so that nothing malformed waits to be found later.
    pub(crate) fn verify(&self) -> Result<(), LawError> {
        for (set, line) in &self.lines {
            line.force(set, &self.files)?;
        }
        self.tables.force(&self.files)
    }

    /// The award of this code, as the newest rule set that gives it has it; also by an earlier name.
    pub fn award(&self, code: &str) -> Option<&AwardRule> {
        let sets = self.rule_sets().iter().rev().map(|set| set.id.as_str());
        sets.filter_map(|set| self.award_in(code, set))
            .find(|award| award.ended.is_none())
    }

    /// The award of this code as one rule set has it, or where it is no longer given, with [`AwardRule::ended`] set.
    pub fn award_in(&self, code: &str, rule_set: &str) -> Option<&AwardRule> {
        if code.contains('/') {
            return Some(&self.local().award);
        }
        self.resolved(rule_set)?.by_code(code)
    }

    /// The award that a dossier means: a renamed award by its name of that time, and the other way round.
    pub(crate) fn award_meant(&self, code: &str, rule_set: &str) -> Option<&AwardRule> {
        let named = self.award_in(code, rule_set);
        let successor = named
            .and_then(|award| award.ended.as_ref())
            .and_then(|ended| ended.successor.as_deref());
        if let Some(successor) = successor {
            return self.award_in(successor, rule_set);
        }
        named.or_else(|| {
            let later = self.own_awards().find(|award| award.code == code)?;
            self.award_in(later.renamed_from.as_deref()?, rule_set)
        })
    }

    /// The awards that a rule set gives; empty for an unknown one.
    pub fn awards(&self, rule_set: &str) -> Vec<&AwardRule> {
        let all = self.resolved(rule_set).map_or(&[][..], |awards| &awards.all);
        all.iter().filter(|award| award.ended.is_none()).collect()
    }

    /// Every award, as the rule set has it that brought it in.
    pub(crate) fn own_awards(&self) -> impl Iterator<Item = &AwardRule> {
        self.lines.keys().flat_map(|set| &self.layer(set).award)
    }

    /// Whether the catalogue has this award, under any rule set. A local award is known by its form.
    pub fn knows_award(&self, code: &str) -> bool {
        let local = code
            .split_once('/')
            .is_some_and(|(agency, name)| !agency.is_empty() && !name.is_empty());
        local || !code.contains('/') && self.prepared().knows(code)
    }

    /// One code for an award and its earlier name.
    pub fn same_award(&self, one: &str, other: &str) -> bool {
        let prepared = self.prepared();
        prepared.named(one).is(&prepared.named(other))
    }

    /// What checks share.
    pub(crate) fn prepared(&self) -> &Prepared {
        self.prepared.get_or_init(|| Prepared::of(self))
    }

    /// Changes that are known of but not switched on under this rule set.
    pub fn pending(&self, rule_set: &str) -> &[Pending] {
        self.lines.get(rule_set).map_or(&[], |_| &self.layer(rule_set).pending)
    }

    /// The files that the law is written in.
    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    pub(crate) fn rule_sets_file(&self) -> &RuleSetsFile {
        &self.rule_sets
    }
}
