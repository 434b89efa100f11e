//! Shares (tỷ lệ): of those who hold one award, how many at most may be given another. Whole numbers; no floats.

use serde::Serialize;

use crate::{Criterion, Law};

/// What a share is counted of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShareOf {
    /// Those who hold this award in the same agency and year.
    Award(String),
    /// What these words say: a person has to count it.
    Words(String),
}

/// At most this share of some may be given an award.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The award as the rule set calls it.
    pub award: String,
    /// The id of the rule set.
    pub rule_set: String,
    /// The path to the award that the share binds; `*` for all.
    pub path: String,
    /// The limit, in percent.
    pub max_percent: u32,
    /// What it is counted of.
    pub of: ShareOf,
    /// The article behind it, where one was read.
    pub article: Option<String>,
    /// Whether it was read in a source for this rule set.
    pub confirmed: bool,
}

/// How a share came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShareOutcome {
    /// Within the limit.
    Ok,
    /// Over it: for the council to judge, it refuses nobody by itself.
    Over,
    /// What it is counted of is not known.
    Unknown,
}

impl ShareOutcome {
    /// The code as it stands in files and interfaces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Over => "over",
            Self::Unknown => "unknown",
        }
    }
}

/// A share with both its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ShareVerdict {
    /// How many are proposed or awarded.
    pub numerator: u64,
    /// Of how many; none: not known.
    pub denominator: Option<u64>,
    /// How many the limit allows, rounded down.
    pub most: Option<u64>,
    /// What it comes to.
    pub outcome: ShareOutcome,
}

impl Share {
    /// Judges `numerator` of `denominator`, exactly: `numerator × 100 ≤ max_percent × denominator`.
    pub fn judge(&self, numerator: u64, denominator: Option<u64>) -> ShareVerdict {
        // Counts of people fit many times over; a wider type spares every question of overflow.
        let allowed = |of: u64| u128::from(self.max_percent) * u128::from(of);
        let outcome = match denominator {
            None => ShareOutcome::Unknown,
            Some(of) if u128::from(numerator) * 100 <= allowed(of) => ShareOutcome::Ok,
            Some(_) => ShareOutcome::Over,
        };
        ShareVerdict {
            numerator,
            denominator,
            most: denominator.map(|of| u64::try_from(allowed(of) / 100).unwrap_or(u64::MAX)),
            outcome,
        }
    }
}

impl Law {
    /// The share that binds an award under a rule set. Of several the one that was read in a source, then the
    /// narrowest. `None` where the rule set sets none, or does not know the award.
    pub fn share(&self, award: &str, rule_set: &str) -> Option<Share> {
        let rule = self.award_meant(award, rule_set)?;
        let criteria = rule
            .criteria
            .iter()
            .filter(|criterion| criterion.kind == "quota-percent");
        let narrowest = criteria.min_by_key(|criterion| (!criterion.confirmed, criterion.max))?;
        let max_percent = narrowest.max?;
        Some(Share {
            award: rule.code.clone(),
            rule_set: rule_set.to_owned(),
            path: narrowest.path.clone(),
            max_percent,
            of: self.share_of(narrowest),
            article: narrowest.article.clone(),
            confirmed: narrowest.confirmed,
        })
    }

    /// Every share that a rule set sets, by award.
    pub fn shares(&self, rule_set: &str) -> Vec<Share> {
        let awards = self.awards(rule_set);
        let codes = awards.iter().map(|award| award.code.as_str());
        codes.filter_map(|code| self.share(code, rule_set)).collect()
    }

    fn share_of(&self, criterion: &Criterion) -> ShareOf {
        let of = criterion.of.clone().unwrap_or_default();
        // Words may have a slash, as codes of local awards have; no code has a space.
        if self.knows_award(&of) && !of.contains(' ') {
            ShareOf::Award(of)
        } else {
            ShareOf::Words(of)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law() -> &'static Law {
        Law::embedded()
    }

    fn fifteen() -> Share {
        law().share("chien-si-thi-dua-co-so", "law-2003").expect("a share")
    }

    #[test]
    fn fifteen_percent_of_the_advanced_workers_under_the_law_of_2003() {
        let share = fifteen();
        assert_eq!(share.max_percent, 15);
        assert_eq!(share.of, ShareOf::Award("lao-dong-tien-tien".to_owned()));
        assert_eq!(share.article.as_deref(), Some("91/2017/NĐ-CP Điều 9 khoản 3"));
        assert!(share.confirmed);
    }

    #[test]
    fn twenty_percent_of_the_leading_collectives_for_the_flag_of_the_government() {
        let share = law()
            .share("co-thi-dua-cua-chinh-phu", "decree-152-2025")
            .expect("a share");
        assert_eq!(share.max_percent, 20);
        assert!(matches!(share.of, ShareOf::Words(_)));
        assert!(share.confirmed);
    }

    #[test]
    fn a_share_is_exact_at_its_limit() {
        let share = fifteen();
        let outcome = |numerator, denominator| share.judge(numerator, Some(denominator)).outcome;
        assert_eq!(outcome(3, 20), ShareOutcome::Ok);
        assert_eq!(outcome(4, 20), ShareOutcome::Over);
        assert_eq!(outcome(2, 19), ShareOutcome::Ok);
        assert_eq!(outcome(3, 19), ShareOutcome::Over);
        assert_eq!(outcome(0, 0), ShareOutcome::Ok);
        assert_eq!(outcome(1, 0), ShareOutcome::Over);
        assert_eq!(share.judge(3, Some(19)).most, Some(2));
        assert_eq!(outcome(u64::MAX, u64::MAX), ShareOutcome::Over);
    }

    #[test]
    fn what_is_not_known_is_not_judged() {
        let verdict = fifteen().judge(4, None);
        assert_eq!((verdict.outcome, verdict.most), (ShareOutcome::Unknown, None));
    }

    #[test]
    fn an_award_without_a_share_has_none() {
        assert_eq!(law().share("huan-chuong-lao-dong-hang-ba", "law-2022"), None);
        assert_eq!(law().share("chien-si-thi-dua-co-so", "no-such-law"), None);
    }

    #[test]
    fn every_share_of_the_data_is_found() {
        for set in law().rule_sets() {
            for award in law().awards(&set.id) {
                let limited = award.criteria.iter().any(|c| c.kind == "quota-percent");
                assert_eq!(
                    law().share(&award.code, &set.id).is_some(),
                    limited,
                    "{} {}",
                    set.id,
                    award.code
                );
            }
            assert!(!law().shares(&set.id).is_empty(), "{}", set.id);
        }
    }
}
