//! Which rule set judges a dossier, and what each inherits.

use serde::{Deserialize, Serialize};
use time::Date;

use crate::{Law, LawError};

/// A rule set: the law, decree and circulars in force between two days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// The id, e.g. `decree-152-2025`.
    pub id: String,
    /// The first day.
    pub in_force_from: Date,
    /// The first day on which it is no longer in force.
    pub in_force_to: Date,
    /// The rule set whose facts hold where this one says nothing.
    #[serde(default)]
    pub base: Option<String>,
    /// The base is a later law that stands in for what was not read: its articles are not shown.
    pub borrowed: bool,
    /// By which date a dossier crosses into this set.
    pub key: Key,
    /// The article of that transition.
    #[serde(default)]
    pub key_article: Option<String>,
    /// Whether the key was read in a source.
    pub key_confirmed: bool,
    /// The law.
    pub law: String,
    /// The decree that details it.
    pub decree: String,
    /// Further decrees.
    pub extra_decrees: Vec<String>,
    /// Circulars.
    pub circulars: Vec<String>,
    /// The local levels that exist: xã, huyện, tỉnh.
    pub local_levels: Vec<String>,
    /// After discipline, achievements count from the end of the disciplinary period.
    pub discipline_resets: bool,
    /// The article behind that.
    #[serde(default)]
    pub discipline_article: Option<String>,
    /// No award to an agency that is dissolved.
    pub no_award_to_dissolved: bool,
    /// Whether a second state-level form in one year is refused, warned about, or nothing.
    pub one_state_award_a_year: Strictness,
    /// Every year since the previous award must be rated hoàn thành tốt nhiệm vụ or better.
    pub rating_between_awards: bool,
    /// Economic organisations confirm tax, insurance and environment duties on paper.
    pub tax_paper: bool,
    /// Whether the set itself was read in a source.
    pub confirmed: bool,
    /// What to tell people who are judged by it, in Vietnamese.
    #[serde(default)]
    pub note_vi: String,
    /// The same in English.
    #[serde(default)]
    pub note_en: String,
}

/// By which date a dossier crosses into a rule set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Key {
    /// The letter's date.
    Letter,
    /// The day the appraising authority received the complete dossier; the letter's date if it has not.
    Received,
}

/// How strictly a rule is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strictness {
    /// It refuses.
    Block,
    /// It warns.
    Warn,
    /// There is no such rule.
    None,
}

/// `rule_sets.toml`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RuleSetsFile {
    pub selection: Selection,
    pub rule_set: Vec<RuleSet>,
}

/// `[selection]`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Selection {
    pub warn_days_before_expiry: u32,
}

impl Law {
    /// The id of the rule set that judges a dossier with this letter, received on that day.
    ///
    /// # Errors
    /// [`LawError::NoRuleSet`] before 2017-10-01, and from the day on which the last rule set ends.
    pub fn rule_set_for(&self, letter: Date, received: Option<Date>) -> Result<&str, LawError> {
        let key = |set: &RuleSet| match set.key {
            Key::Letter => letter,
            // A dossier cannot have been received before its letter was written.
            Key::Received => received.map_or(letter, |received| received.max(letter)),
        };
        let sets = &self.rule_sets_file().rule_set;
        // One border after the other: what stayed behind at one of them does not reach the next.
        let entered = sets.iter().take_while(|set| set.in_force_from <= key(set)).last();
        let last = sets.iter().map(|set| set.in_force_to).max();
        match entered {
            Some(set) if last.is_some_and(|end| key(set) < end) => Ok(&set.id),
            Some(set) => Err(LawError::NoRuleSet(key(set))),
            None => Err(LawError::NoRuleSet(letter)),
        }
    }

    /// The rule set of this id.
    pub fn rule_set(&self, id: &str) -> Option<&RuleSet> {
        self.rule_sets_file().rule_set.iter().find(|set| set.id == id)
    }

    /// All rule sets, oldest first.
    pub fn rule_sets(&self) -> &[RuleSet] {
        &self.rule_sets_file().rule_set
    }

    /// The set itself, then what it inherits from, nearest first.
    pub(crate) fn lineage(&self, id: &str) -> Vec<&RuleSet> {
        let mut line: Vec<&RuleSet> = Vec::new();
        let mut next = self.rule_set(id);
        while let Some(set) = next.filter(|set| line.iter().all(|seen| seen.id != set.id)) {
            line.push(set);
            next = set.base.as_deref().and_then(|base| self.rule_set(base));
        }
        line
    }

    /// Whether facts of `from` are only borrowed by `set`: then their articles are not shown.
    pub(crate) fn borrows(&self, set: &str, from: &str) -> bool {
        set != from
            && self
                .lineage(set)
                .iter()
                .take_while(|step| step.id != from)
                .any(|step| step.borrowed)
    }
}
