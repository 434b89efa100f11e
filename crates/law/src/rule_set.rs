//! Which rule set judges a dossier, and what each inherits.

use serde::{Deserialize, Serialize};
use time::Date;

use crate::{
    Law, LawError,
    files::{Files, RULE_SET},
};

/// A rule set: the law, decree and circulars in force between two days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// The id, e.g. `decree-152-2025`: the name of its folder.
    #[serde(default)]
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
    /// A dossier that the dates leave to the set before may be judged by this one, if a person finds it more favourable.
    #[serde(default)]
    pub favours_earlier: bool,
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

/// All rule sets, oldest first, and how one is chosen.
#[derive(Debug, Clone)]
pub(crate) struct RuleSetsFile {
    /// Judges every dossier, whatever its dates.
    pub always: Option<String>,
    pub selection: Selection,
    pub rule_set: Vec<RuleSet>,
}

/// `selection.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selection {
    pub warn_days_before_expiry: u32,
}

impl RuleSetsFile {
    pub fn read(files: &Files) -> Result<Self, LawError> {
        let mut rule_set = Vec::new();
        for id in files.rule_sets() {
            let file = format!("{id}/{RULE_SET}");
            let mut set: RuleSet = files.one(&file)?;
            if !set.id.is_empty() && set.id != id {
                let reason = format!("id is {}, but the folder's name is the id", set.id);
                return Err(LawError::Data { file, reason });
            }
            id.clone_into(&mut set.id);
            rule_set.push(set);
        }
        rule_set.sort_by_key(|set| set.in_force_from);
        Ok(Self {
            always: None,
            selection: files.one("selection.toml")?,
            rule_set,
        })
    }

    /// The set itself, then what it inherits from, nearest first; each with whether it is only borrowed.
    pub fn line(&self, id: &str) -> Result<Vec<(String, bool)>, LawError> {
        let broken = |of: &str, reason: String| LawError::Data {
            file: format!("{of}/{RULE_SET}"),
            reason,
        };
        let find = |id: &str| self.rule_set.iter().find(|set| set.id == id);
        let mut line: Vec<(String, bool)> = Vec::new();
        let mut next = find(id);
        let mut borrowed = false;
        while let Some(set) = next {
            if line.iter().any(|(seen, _)| *seen == set.id) {
                return Err(broken(id, format!("base goes round in a circle, through {}", set.id)));
            }
            line.push((set.id.clone(), borrowed));
            borrowed |= set.borrowed;
            next = match set.base.as_deref() {
                Some(base) => Some(find(base).ok_or_else(|| broken(&set.id, format!("base {base} is no rule set")))?),
                None => None,
            };
        }
        Ok(line)
    }
}

impl Law {
    /// The id of the rule set that judges a dossier with this letter, received on that day.
    ///
    /// # Errors
    /// [`LawError::NoRuleSet`] before 2017-10-01, and from the day on which the last rule set ends.
    pub fn rule_set_for(&self, letter: Date, received: Option<Date>) -> Result<&str, LawError> {
        if let Some(always) = &self.rule_sets_file().always {
            return Ok(always);
        }
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
}
