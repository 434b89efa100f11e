//! Awards and their criteria: the data as it lies in `data/`, and as one rule set has it.

mod criterion;
mod layer;

use serde::{Deserialize, Serialize};

pub(crate) use self::layer::{LayerFile, LocalAwardFile, resolve};
pub use self::{
    criterion::{CRITERION_TYPES, Criterion},
    layer::Pending,
};
use crate::{dossier::CandidateKind, local::OwnTerms};

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
