//! When a council is quorate and when it has passed a dossier: exact integers, no percentages of floats.

use serde::{Deserialize, Serialize};

/// Of whom a threshold is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Denominator {
    /// Of all members of the council, there or not.
    AllMembers,
    /// Of those present.
    Present,
}

/// How members vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ballot {
    /// By ballot paper: who chose what is not recorded.
    Secret,
    /// In the open.
    Open,
}

/// A fraction of the members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fraction {
    /// Above the line.
    pub num: u32,
    /// Below the line; never 0.
    pub den: u32,
}

/// What the law asks of a council at one station. Where the law leaves the threshold to the agency
/// (`threshold_percent` 0), `more_than_half` is set: more than half of all members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouncilRule {
    /// The code of the agency whose council meets.
    pub agency: String,
    /// Yes votes needed, in percent of the denominator; 0 where `more_than_half` decides.
    pub threshold_percent: u32,
    /// More than half of the denominator is needed.
    pub more_than_half: bool,
    /// Of whom the threshold is counted.
    pub denominator: Denominator,
    /// The share of all members that must take part; written opinions count.
    pub quorum: Fraction,
    /// Secret where the law asks for a ballot.
    pub ballot: Ballot,
    /// The article behind the threshold, where one was read.
    pub article: Option<String>,
    /// Whether the threshold was read in a source; a default is not.
    pub confirmed: bool,
}

impl CouncilRule {
    /// How many of `members` must take part for the council to act.
    pub fn quorum_of(&self, members: u32) -> u32 {
        let needed = (u64::from(members) * u64::from(self.quorum.num)).div_ceil(u64::from(self.quorum.den.max(1)));
        u32::try_from(needed).unwrap_or(u32::MAX)
    }

    /// The number that the threshold is counted of.
    pub fn base(&self, members: u32, present: u32) -> u32 {
        match self.denominator {
            Denominator::AllMembers => members,
            Denominator::Present => present,
        }
    }

    /// Whether `yes` votes pass the dossier. A council without anyone to count passes nothing.
    pub fn passed(&self, yes: u32, members: u32, present: u32) -> bool {
        let base = u64::from(self.base(members, present));
        let yes = u64::from(yes);
        let enough = if self.threshold_percent > 0 {
            yes * 100 >= u64::from(self.threshold_percent) * base
        } else {
            yes * 2 > base
        };
        base > 0 && enough && (!self.more_than_half || yes * 2 > base)
    }
}

/// A publication for comment that the law asks for before the council meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicationRule {
    /// Working days; the first day is counted.
    pub days: u32,
    /// The article behind it, where one was read.
    pub article: Option<String>,
    /// Whether the length was read in a source.
    pub confirmed: bool,
}
