//! What one rule set says of the awards, and how it lies over what the set inherits.

use serde::{Deserialize, Serialize};

use super::{AwardRule, Criterion, Decider, Ended};

/// `awards.toml` of one rule set: its own awards, and what lies over those that it inherits.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LayerFile {
    #[serde(default)]
    pub award: Vec<AwardRule>,
    #[serde(default)]
    pub criteria: Vec<Criterion>,
    #[serde(default)]
    pub drop: Vec<Drop>,
    #[serde(default)]
    pub authority: Vec<AuthorityEntry>,
    #[serde(default)]
    pub ended: Vec<Ended>,
    #[serde(default)]
    pub pending: Vec<Pending>,
    #[serde(default)]
    pub ladder: Vec<Ladder>,
}

/// Awards of one kind, higher before lower. A rule set with any has all of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ladder {
    pub awards: Vec<String>,
    pub confirmed: bool,
}

/// `local-award.toml`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct LocalAwardFile {
    pub award: AwardRule,
}

/// A path that a rule set does not have.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Drop {
    pub of_award: String,
    pub path: String,
}

/// Who decides, where the rule set says otherwise than its base.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct AuthorityEntry {
    pub award: String,
    pub decider: Decider,
    pub article: String,
    pub confirmed: bool,
}

/// A change that is known of but not switched on, since its text was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Which award.
    pub award: String,
    /// What would change.
    pub change: String,
    /// Where it is said.
    pub article: String,
    /// Whether it was read in a source.
    pub confirmed: bool,
}

/// Lays a rule set's own entries over the awards of its base. What is borrowed from a later law keeps its content
/// but shows no article, since that article was not in force.
pub(crate) fn resolve(base: &[AwardRule], layer: &LayerFile, borrowed: bool) -> Vec<AwardRule> {
    let inherited = base
        .iter()
        .filter(|award| layer.award.iter().all(|own| own.code != award.code));
    let all = inherited
        .map(|award| (award, borrowed))
        .chain(layer.award.iter().map(|own| (own, false)));
    all.map(|(award, borrowed)| {
        let mut award = award.clone();
        if borrowed {
            award.article = None;
            award.criteria.iter_mut().for_each(|criterion| criterion.article = None);
        }
        let code = award.code.clone();
        award.criteria.retain(|old| {
            let dropped = layer.drop.iter().any(|d| d.of_award == code && d.path == old.path);
            let replaced = layer.criteria.iter().any(|new| {
                new.replaces.is_some() && new.of_award == code && new.path == old.path && new.kind == old.kind
            });
            !dropped && !replaced
        });
        award
            .criteria
            .extend(layer.criteria.iter().filter(|new| new.of_award == code).cloned());
        for criterion in &mut award.criteria {
            if criterion.article.is_none() && !borrowed {
                criterion.article.clone_from(&award.article);
            }
        }
        if let Some(entry) = layer.authority.iter().find(|entry| entry.award == code) {
            award.decider = entry.decider;
            award.authority_article = Some(entry.article.clone());
            award.authority_confirmed = entry.confirmed;
        }
        if let Some(ended) = layer.ended.iter().find(|ended| ended.award == code) {
            award.ended = Some(ended.clone());
        }
        award
    })
    .collect()
}
