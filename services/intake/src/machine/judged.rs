//! A verdict, with all that it was reached by: enough to reach it again.

use machine::{Actor, Timestamp};
use serde::{Deserialize, Serialize};

/// A verdict, with what it was reached by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// What it was reached at.
    #[serde(default)]
    pub occasion: Occasion,
    /// The rule set.
    pub rule_set: String,
    /// SHA-256 (hex) of that rule set's data.
    pub rule_set_digest: String,
    /// SHA-256 (hex) of the part of the directory that was looked at.
    #[serde(default)]
    pub directory_digest: String,
    /// SHA-256 (hex) of the dossier file.
    #[serde(default)]
    pub content_digest: String,
    /// SHA-256 (hex) of the tree of criteria, facts and papers.
    #[serde(default)]
    pub tree_digest: String,
    /// on-hold, not-eligible, incomplete, undecided or eligible.
    pub verdict: String,
    /// Types of the unmet criteria.
    pub unmet: Vec<String>,
    /// Kinds of the missing papers.
    pub missing: Vec<String>,
    /// Kinds of the open proceedings.
    #[serde(default)]
    pub holds: Vec<String>,
    /// The day on which agencies and proceedings were looked at, ISO 8601.
    pub on: String,
    /// The day of receipt that was counted with, ISO 8601, or empty.
    #[serde(default)]
    pub received_on: String,
    /// The rule set that a person had chosen, or empty.
    #[serde(default)]
    pub chosen: String,
    /// What was found beside the criteria: shares over their limit. Not replayed, since others' dossiers are in it.
    #[serde(default)]
    pub warnings: Vec<Remark>,
}

/// What a verdict is reached at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Occasion {
    /// A draft, or new content of it.
    #[default]
    Draft,
    /// A person chose the rule set.
    Choice,
    /// The submission.
    Submission,
    /// Missing papers came.
    Supplement,
    /// An office has the complete dossier.
    Receipt,
    /// After a failed vote a lower award is proposed.
    Lower,
}

/// A text for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

/// That a person chose the rule set that is more favourable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// The rule set.
    pub rule_set: String,
    /// The rule set that the dates select.
    pub instead_of: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}
