//! Awards and their criteria: the data as it lies in `data/`, and as one rule set has it.

use serde::{Deserialize, Serialize};

use crate::{dossier::CandidateKind, dossier::Occupation, local::OwnTerms, record::*};

/// What an award is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AwardKind {
    /// Danh hiệu thi đua.
    EmulationTitle,
    /// Huân chương.
    Order,
    /// Huy chương.
    Medal,
    /// Danh hiệu vinh dự nhà nước.
    StateHonour,
    /// Giải thưởng Hồ Chí Minh, Giải thưởng Nhà nước.
    Prize,
    /// Kỷ niệm chương, huy hiệu.
    Memorial,
    /// Bằng khen, giấy khen.
    Commendation,
    /// An award of one agency, `<agency>/<name>`.
    Local,
}

/// Who decides an award.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decider {
    /// The President.
    President,
    /// The Prime Minister.
    PrimeMinister,
    /// The Government.
    Government,
    /// The minister, or the chair of the province.
    MinistryOrProvince,
    /// The chair of the district.
    District,
    /// The chair of the commune.
    Commune,
    /// The head of the body where the candidate works.
    Unit,
    /// The head of a department, the chair of a district (of a commune once districts are gone), or of a body
    /// with legal personality that stands under neither.
    LegalUnit,
    /// The commander of a military region, the director of a national university and the like.
    Corps,
    /// The agency that the code of a local award names.
    Named,
}

/// Whom an award or a criterion is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recipient {
    /// Persons.
    Individual,
    /// Collectives.
    Collective,
    /// Households.
    Household,
    /// Persons and collectives; households where the award has criteria for them.
    Both,
}

impl Recipient {
    /// Whether it takes candidates of this kind, households under "both" aside.
    pub const fn takes(self, kind: CandidateKind) -> bool {
        matches!(
            (self, kind),
            (Self::Individual, CandidateKind::Individual)
                | (Self::Collective, CandidateKind::Collective)
                | (Self::Household, CandidateKind::Household)
                | (Self::Both, CandidateKind::Individual | CandidateKind::Collective)
        )
    }
}

/// An award as one rule set has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwardRule {
    /// The code.
    pub code: String,
    /// The name in Vietnamese.
    pub name_vi: String,
    /// The name in English.
    pub name_en: String,
    /// What it is.
    pub kind: AwardKind,
    /// Whom it is for.
    pub recipient: Recipient,
    /// Who decides it.
    pub decider: Decider,
    /// Whether the deciding authority was read in a source.
    #[serde(default)]
    pub authority_confirmed: bool,
    /// The article behind the deciding authority, where one was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority_article: Option<String>,
    /// The article of the law behind the award, where one was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// How often it is given.
    #[serde(default)]
    pub frequency: String,
    /// What it is for, in Vietnamese.
    #[serde(default)]
    pub summary_vi: String,
    /// Its code before it was renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// Set where this rule set no longer gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// Whether its identity and main criteria were read in a source.
    #[serde(default)]
    pub confirmed: bool,
    /// What it asks.
    #[serde(default)]
    pub criteria: Vec<Criterion>,
    /// What else an agency's own regulation lays down for its award; none for an award of the law.
    #[serde(skip)]
    pub own: Option<OwnTerms>,
}

impl AwardRule {
    /// Whether the award takes candidates of this kind.
    pub fn takes(&self, kind: CandidateKind) -> bool {
        self.recipient.takes(kind) || self.criteria.iter().any(|c| c.recipient.takes(kind))
    }

    /// Whether the award comes every year for the year's work, so that it is asked of `award_year`.
    pub fn is_title(&self) -> bool {
        self.kind == AwardKind::EmulationTitle
    }
}

/// That an award is no longer given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// Which award.
    pub award: String,
    /// What took its place, if anything.
    #[serde(default)]
    pub successor: Option<String>,
    /// The article behind it.
    pub article: String,
    /// Whether it was read in a source.
    pub confirmed: bool,
}

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

/// Whether a pattern of the data (`huan-chuong-*`, a code, `*`) names this award.
pub(crate) fn matches(pattern: &str, award: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == award, |prefix| award.starts_with(prefix))
}

/// Whether one of the patterns names this award; no pattern at all names every award.
pub(crate) fn any_matches(patterns: &[String], award: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, award))
}
