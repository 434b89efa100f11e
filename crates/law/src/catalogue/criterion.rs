//! One criterion of an award.

use serde::{Deserialize, Serialize};

use super::Recipient;
use crate::{
    dossier::{CandidateKind, Occupation},
    record::{ClusterLevel, Measure, Rating},
};

/// One criterion. Which of the fields count depends on `kind`; the catalogue of types is [`CRITERION_TYPES`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the fields are the parameters of the criterion types, named as in the data"
)]
pub struct Criterion {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub of_award: String,
    pub path: String,
    pub recipient: Recipient,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub award: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub none_of: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Rating>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_at_least: Option<Rating>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_percent: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_than_percent: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub level_any_of: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_at_least: Option<Measure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    #[serde(default)]
    pub consecutive: bool,
    #[serde(default)]
    pub continuous: bool,
    #[serde(default)]
    pub must_be_latest: bool,
    #[serde(default)]
    pub same_year: bool,
    #[serde(default)]
    pub meets_standard: bool,
    #[serde(default)]
    pub after_prior: bool,
    #[serde(default)]
    pub rows: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or_title: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_level: Option<ClusterLevel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub launched_by: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_years: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only_for: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub force: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_vi: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(default, skip_serializing)]
    pub replaces: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    pub confirmed: bool,
}

/// The types of criteria that the catalogue knows; `declared` entries of a dossier answer one of them.
pub const CRITERION_TYPES: [&str; 42] = [
    "prior-award",
    "same-year-title",
    "title-count",
    "annual-rating",
    "years-rated",
    "years-since-prior-award",
    "years-of-service",
    "initiative",
    "research",
    "combat-creativity",
    "initiative-or-research",
    "quota-percent",
    "member-share",
    "member-count",
    "cluster-rank",
    "movement",
    "extraordinary-achievement",
    "invention-or-work",
    "international-prize",
    "contribution-post",
    "no-discipline",
    "no-member-discipline",
    "recruited-at-least-months",
    "top-selection",
    "recipient-kind",
    "force",
    "foreign-recipient",
    "brave-act",
    "score-frame",
    "family-martyrs",
    "published-work",
    "effective-model",
    "years-in-sector",
    "once-only",
    "timing",
    "counts-as-service",
    "flags",
    "declared",
    "local-criteria",
    "sector-rules",
    "youth-volunteer-service",
    "unknown",
];

impl Criterion {
    /// Whether the criterion counts for this candidate: its kind, and `only_for` an occupation or a kind of agency.
    pub(crate) fn applies(
        &self,
        kind: CandidateKind,
        both_takes_households: bool,
        occupation: Option<Occupation>,
        agency_kind: &str,
    ) -> bool {
        let household = kind == CandidateKind::Household && self.recipient == Recipient::Both && both_takes_households;
        let mine = |group: &String| match group.as_str() {
            "worker" => occupation == Some(Occupation::Worker),
            "farmer" => occupation == Some(Occupation::Farmer),
            other => other == agency_kind,
        };
        (self.recipient.takes(kind) || household) && (self.only_for.is_empty() || self.only_for.iter().any(mine))
    }

    /// The awards that it names.
    pub(crate) fn awards(&self) -> Vec<&str> {
        let mut awards: Vec<&str> = self.any_of.iter().map(String::as_str).collect();
        if let Some(award) = self.award.as_deref().filter(|award| !awards.contains(award)) {
            awards.push(award);
        }
        awards
    }

    /// The lowest rating that it takes.
    pub(crate) fn least(&self) -> Rating {
        self.value.or(self.value_at_least).unwrap_or(Rating::HoanThanhTot)
    }
}
