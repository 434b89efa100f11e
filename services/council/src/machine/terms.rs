//! The terms of a vote: what the law says of it, and what the council's own regulation says where the law leaves it open.
//! Exact integers only.

use law::{Ballot, CouncilRule, Denominator, Fraction};
use serde::{Deserialize, Serialize};

/// What a recusal does to the base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recused {
    /// Nothing: the law counts all members.
    #[default]
    Stay,
    /// The member leaves the base, by the council's own regulation.
    Leave,
}

/// How one dossier is voted on, frozen when it is tabled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Yes votes needed, as a share of the base; none: more than half decides.
    pub threshold: Option<Fraction>,
    /// More than half of the base is needed.
    pub more_than_half: bool,
    /// Whom the base counts.
    pub of: Denominator,
    /// What a recusal does to it.
    pub recused: Recused,
    /// The share of all members that must be present.
    pub quorum: Fraction,
    /// In secret or in the open.
    pub ballot: Ballot,
    /// Whether a ballot may be changed until voting is closed.
    pub may_change: bool,
    /// Where the threshold stands: an article of the law, or the regulation; none: the default.
    pub article: Option<String>,
    /// Whether the threshold was read in the law.
    pub confirmed: bool,
}

/// What a council lays down for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regulation {
    /// The document, as printed.
    pub document: String,
    /// Share of all members who must be present.
    pub quorum: Option<Fraction>,
    /// Yes votes needed where the law leaves it open.
    pub threshold: Option<Fraction>,
    /// The base where the law leaves the threshold open.
    pub of: Option<Denominator>,
    /// What a recusal does to the base, where the law leaves the threshold open.
    pub recused: Recused,
    /// In secret or in the open.
    pub ballot: Option<Ballot>,
    /// Whether the absent may vote in writing.
    pub writing: bool,
    /// Whether a ballot may be changed until voting is closed.
    pub may_change: bool,
    /// Whether the head of the candidate's own agency does not vote.
    pub heads_recused: bool,
    /// Who presides if neither the chair nor a vice-chair is there.
    pub stand_in: Option<String>,
}

/// Who takes part in a vote, as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turnout {
    /// Members of the council.
    pub members: u32,
    /// Of them, who is present or votes in writing.
    pub attending: u32,
    /// Of the members, who is recused.
    pub recused: u32,
    /// Of those attending, who is recused.
    pub recused_attending: u32,
}

fn more(one: Fraction, other: Fraction) -> bool {
    u64::from(one.num) * u64::from(other.den) > u64::from(other.num) * u64::from(one.den)
}

impl Terms {
    /// The terms of the law, completed by the council's regulation. Where the law sets the threshold it sets the base too,
    /// and a regulation may only ask for more: a higher quorum, a secret ballot.
    pub fn of(rule: &CouncilRule, regulation: Option<&Regulation>) -> Self {
        let by_law = rule.threshold_percent > 0;
        let mut terms = Self {
            threshold: by_law.then_some(Fraction {
                num: rule.threshold_percent,
                den: 100,
            }),
            more_than_half: rule.more_than_half || !by_law,
            of: rule.denominator,
            recused: Recused::Stay,
            quorum: rule.quorum,
            ballot: rule.ballot,
            may_change: false,
            article: rule.article.clone(),
            confirmed: rule.confirmed,
        };
        let Some(own) = regulation else { return terms };
        terms.may_change = own.may_change;
        if own.ballot == Some(Ballot::Secret) {
            terms.ballot = Ballot::Secret;
        }
        if let Some(quorum) = own.quorum
            && (rule.article.is_none() || more(quorum, rule.quorum))
        {
            terms.quorum = quorum;
        }
        if !by_law {
            terms.recused = own.recused;
            terms.of = own.of.unwrap_or(terms.of);
            if let Some(threshold) = own.threshold {
                (terms.threshold, terms.more_than_half) = (Some(threshold), false);
                terms.article = Some(own.document.clone()).filter(|document| !document.is_empty());
            }
        }
        terms
    }

    /// How many of `members` must be present.
    pub fn quorum_of(&self, members: u32) -> u32 {
        let share = u64::from(members) * u64::from(self.quorum.num);
        u32::try_from(share.div_ceil(u64::from(self.quorum.den.max(1)))).unwrap_or(u32::MAX)
    }

    /// What the share of the yes is taken of.
    pub fn base(&self, turnout: Turnout) -> u32 {
        let (all, away) = match self.of {
            Denominator::AllMembers => (turnout.members, turnout.recused),
            Denominator::Present => (turnout.attending, turnout.recused_attending),
        };
        match self.recused {
            Recused::Stay => all,
            Recused::Leave => all.saturating_sub(away),
        }
    }

    /// Whether `yes` votes pass it. Of nobody, nothing passes.
    pub fn passed(&self, yes: u32, turnout: Turnout) -> bool {
        let (yes, base) = (u64::from(yes), u64::from(self.base(turnout)));
        let enough = self
            .threshold
            .is_none_or(|share| yes * u64::from(share.den) >= base * u64::from(share.num));
        base > 0 && enough && (!self.more_than_half || yes * 2 > base)
    }
}
