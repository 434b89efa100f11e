//! Bonuses: coefficient × base salary on the day of the decision, rounded up. Whole dong and hundredths; no floats.

use serde::{Deserialize, Serialize};
use time::Date;

use crate::{CandidateKind, Law, law::Entry};

/// Bonuses are rounded up to this many dong.
const ROUNDING_VND: i64 = 10_000;

/// A multiple of the base salary, in hundredths: 4.5 is 450.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Coefficient(pub u32);

impl std::fmt::Display for Coefficient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        if rest.is_multiple_of(10) {
            write!(f, "{whole}.{}", rest / 10)
        } else {
            write!(f, "{whole}.{rest:02}")
        }
    }
}

impl Serialize for Coefficient {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The bonus that goes with an award.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bonus {
    /// The sum in dong, rounded up to the next 10,000.
    pub vnd: i64,
    /// The multiple of the base salary.
    pub coefficient: Coefficient,
    /// The base salary (lương cơ sở) on the day of the decision, in dong.
    pub base_vnd: i64,
    /// The sum is a ceiling; the agency may give less.
    pub at_most: bool,
    /// The article behind the coefficient, where one was read.
    pub article: Option<String>,
    /// Whether the coefficient was read in a source for this rule set.
    pub confirmed: bool,
}

impl Bonus {
    /// Sums are rounded up to this many dong.
    pub const ROUNDED_UP_TO_VND: i64 = ROUNDING_VND;
}

/// `money.toml`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct MoneyFile {
    #[serde(default)]
    base_salary: Vec<BaseSalary>,
    #[serde(default)]
    bonus: Vec<BonusEntry>,
    #[serde(default)]
    absent: Vec<Absent>,
}

#[derive(Debug, Clone, Deserialize)]
struct BaseSalary {
    from: Date,
    to: Option<Date>,
    vnd: i64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(from = "RawBonus")]
struct BonusEntry {
    rule_set: String,
    award: [String; 1],
    individual: Option<u32>,
    collective: Option<u32>,
    household: Option<u32>,
    at_most: bool,
    article: Option<String>,
    article_collective: Option<String>,
    article_household: Option<String>,
    confirmed: bool,
}

#[derive(Deserialize)]
struct RawBonus {
    rule_set: String,
    award: String,
    individual: Option<u32>,
    collective: Option<u32>,
    household: Option<u32>,
    cap: bool,
    article: Option<String>,
    article_collective: Option<String>,
    article_household: Option<String>,
    confirmed: bool,
}

impl From<RawBonus> for BonusEntry {
    fn from(raw: RawBonus) -> Self {
        Self {
            rule_set: raw.rule_set,
            award: [raw.award],
            individual: raw.individual,
            collective: raw.collective,
            household: raw.household,
            at_most: raw.cap,
            article: raw.article,
            article_collective: raw.article_collective,
            article_household: raw.article_household,
            confirmed: raw.confirmed,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Absent {
    rule_set: String,
    awards: Vec<String>,
}

impl Entry for BonusEntry {
    fn rule_set(&self) -> &str {
        &self.rule_set
    }

    fn awards(&self) -> &[String] {
        &self.award
    }
}

impl Entry for Absent {
    fn rule_set(&self) -> &str {
        &self.rule_set
    }

    fn awards(&self) -> &[String] {
        &self.awards
    }
}

impl Law {
    /// The bonus of an award for this kind of candidate, decided on that day. `None` where the rule set gives none,
    /// or where the base salary of that day is not known.
    pub fn bonus(&self, award: &str, candidate: CandidateKind, rule_set: &str, decided_on: Date) -> Option<Bonus> {
        let money = self.money();
        let award = &self
            .award_meant(award, rule_set)
            .filter(|rule| rule.code != "local")?
            .code;
        if self
            .entry(&money.absent, rule_set, award)
            .is_some_and(|(_, borrowed)| !borrowed)
        {
            return None;
        }
        let in_force = |salary: &&BaseSalary| salary.from <= decided_on && salary.to.is_none_or(|to| decided_on < to);
        let base = money.base_salary.iter().find(in_force)?;
        let mut entries = self.entries(&money.bonus, rule_set, award);
        let (entry, hundredths, borrowed) = entries.find_map(|(entry, borrowed)| {
            let own = match candidate {
                CandidateKind::Individual => entry.individual,
                CandidateKind::Collective => entry.collective,
                // A household gets one and a half times what a person gets for the same form.
                CandidateKind::Household => entry.household.or_else(|| entry.individual.map(|one| one * 3 / 2)),
            };
            own.map(|hundredths| (entry, hundredths, borrowed))
        })?;
        let article = match candidate {
            CandidateKind::Individual => entry.article.clone(),
            CandidateKind::Collective => entry.article_collective.clone().or_else(|| entry.article.clone()),
            CandidateKind::Household => entry.article_household.clone().or_else(|| entry.article.clone()),
        };
        let hundredths_of_dong = i64::from(hundredths) * base.vnd;
        Some(Bonus {
            vnd: (hundredths_of_dong as u64).div_ceil(ROUNDING_VND as u64 * 100) as i64 * ROUNDING_VND,
            coefficient: Coefficient(hundredths),
            base_vnd: base.vnd,
            at_most: entry.at_most,
            article: article.filter(|_| !borrowed),
            confirmed: entry.confirmed && !borrowed,
        })
    }
}

impl Law {
    /// The bonus that an agency's own regulation gives: a multiple of the base salary of that day, or a fixed sum.
    pub(crate) fn own_bonus(
        &self,
        hundredths: Option<u32>,
        vnd: Option<i64>,
        article: &str,
        decided_on: Date,
    ) -> Option<Bonus> {
        let in_force = |salary: &&BaseSalary| salary.from <= decided_on && salary.to.is_none_or(|to| decided_on < to);
        let base = self
            .money()
            .base_salary
            .iter()
            .find(in_force)
            .map_or(0, |salary| salary.vnd);
        let hundredths = hundredths.unwrap_or(0);
        let multiple = i64::from(hundredths) * base;
        let rounded = (multiple as u64).div_ceil(ROUNDING_VND as u64 * 100) as i64 * ROUNDING_VND;
        Some(vnd.unwrap_or(rounded)).filter(|vnd| *vnd > 0).map(|vnd| Bonus {
            vnd,
            coefficient: Coefficient(hundredths),
            base_vnd: base,
            at_most: false,
            article: Some(article.to_owned()),
            confirmed: true,
        })
    }
}
