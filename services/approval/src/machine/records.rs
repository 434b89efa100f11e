//! What a course keeps on record of its events: what happened when, why, and who did it.

use serde::{Deserialize, Serialize};
use time::Date;

/// How an award was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presentation {
    /// The day.
    pub on: Date,
    /// The ceremony.
    pub occasion: String,
    /// Who handed it over.
    pub agency: String,
}

/// A dossier was sent back: whoever may read it reads why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentBack {
    /// The day.
    pub on: Date,
    /// Who sent it back.
    pub from: String,
    /// Who has it now: the proposer, or an earlier station.
    pub to: String,
    /// The earlier station's level; empty: the proposer.
    pub level: String,
    /// A code, or a few words.
    pub reason: String,
    /// In full, or empty.
    pub text: String,
    /// By when a supplement is due.
    pub due: Option<Date>,
}

/// A candidate's death.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Death {
    /// The day.
    pub on: Date,
    /// The paper that says so.
    pub source: String,
}

/// A candidate's move to another agency: the merit was where it was proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Where the candidate was.
    pub from: String,
    /// Where the candidate is.
    pub to: String,
    /// Since when.
    pub on: Date,
    /// The paper that says so.
    pub source: String,
}

/// A successor takes over what an agency that has ended held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeOver {
    /// Whose place it takes.
    pub from: String,
    /// The successor.
    pub to: String,
    /// The day of its first act.
    pub on: Date,
}

/// An award that was given up after a failed vote, for a lower one of the same kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lowered {
    /// What was proposed until then.
    pub from: String,
    /// The lower award.
    pub to: String,
    /// Why.
    pub reason: String,
    /// The day.
    pub on: Date,
    /// Whose leader concluded so.
    pub agency: String,
}

/// How a course was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Number of the decision; empty for a refusal without one.
    pub number: String,
    /// The day.
    pub on: Date,
    /// Who decided, where it was a successor of the authority; else empty.
    #[serde(default)]
    pub by_successor: String,
    /// Bonus money in dong, by the rate of that day.
    pub bonus_vnd: i64,
    /// How the bonus was reckoned; none where there is none.
    #[serde(default)]
    pub bonus: Option<Reckoned>,
    /// The reason of a refusal.
    pub reason: String,
}

/// How a bonus was reckoned, so that it can be reckoned again by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reckoned {
    /// The multiple of the base salary, e.g. `4.5`.
    pub coefficient: String,
    /// The base salary on the day of the decision, in dong.
    pub base_vnd: i64,
    /// Rounded up to this many dong.
    pub rounded_up_to_vnd: i64,
    /// The sum is a ceiling.
    pub at_most: bool,
    /// The article behind the coefficient, or empty.
    pub article: String,
    /// Whether it was read in a source for this rule set.
    pub confirmed: bool,
}
