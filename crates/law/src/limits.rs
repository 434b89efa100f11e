//! Time limits by rule set, award, level and step.

use serde::{Deserialize, Serialize};

use crate::{DayUnit, Law, Level, Limit, law::Entry};

/// A step that the law gives time for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitStep {
    /// Appraisal, from the complete dossier to the submission or decision.
    Appraisal,
    /// Submission once all opinions asked have come.
    AfterConsultation,
    /// The reply of an agency that is asked for its opinion.
    Consultation,
    /// Publication for comment.
    Publication,
    /// Asking the sender to complete the dossier.
    Supplement,
    /// Giving back a dossier that does not qualify.
    Return,
    /// Notice of the result.
    Notice,
    /// Handing over the objects of the award.
    HandOver,
    /// Asking for an annulment.
    AnnulmentRequest,
    /// Deciding or submitting an annulment.
    Annulment,
    /// Giving back the objects and the money after an annulment.
    HandBack,
}

/// `limits.toml`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct LimitsFile {
    #[serde(default)]
    limit: Vec<LimitEntry>,
}

#[derive(Debug, Clone, Deserialize)]
struct LimitEntry {
    rule_set: String,
    step: LimitStep,
    level: Option<Level>,
    #[serde(default)]
    awards: Vec<String>,
    days: u32,
    unit: DayUnit,
    article: Option<String>,
    confirmed: bool,
}

impl Entry for LimitEntry {
    fn rule_set(&self) -> &str {
        &self.rule_set
    }

    fn awards(&self) -> &[String] {
        &self.awards
    }
}

impl Law {
    /// How long a step may take at a level. `None` where the data gives no figure, as for departments, whose terms
    /// each ministry and province sets.
    pub fn time_limit(&self, rule_set: &str, award: &str, level: Level, step: LimitStep) -> Option<Limit> {
        let award = self.award_meant(award, rule_set).map_or(award, |rule| &rule.code);
        let mut entries = self.entries(&self.limits().limit, rule_set, award);
        let (entry, borrowed) =
            entries.find(|(entry, _)| entry.step == step && entry.level.is_none_or(|at| at == level))?;
        Some(Limit {
            days: entry.days,
            unit: entry.unit,
            article: entry.article.clone().filter(|_| !borrowed),
            confirmed: entry.confirmed && !borrowed,
        })
    }
}
