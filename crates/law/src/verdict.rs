//! What a check says: the verdict, why, and the tree of criteria behind it.

use serde::{Deserialize, Serialize};
use time::Date;

use crate::Level;

/// What a check comes to: the first that applies, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A proceeding is open: the dossier waits, it is not refused.
    OnHold,
    /// A criterion of the law is not met.
    NotEligible,
    /// A paper that is due is missing.
    Incomplete,
    /// A person must answer first.
    Undecided,
    /// Nothing stands against it.
    Eligible,
}

impl Verdict {
    /// The code as it stands in files and interfaces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnHold => "on-hold",
            Self::NotEligible => "not-eligible",
            Self::Incomplete => "incomplete",
            Self::Undecided => "undecided",
            Self::Eligible => "eligible",
        }
    }

    /// The words for people, in Vietnamese.
    pub const fn name_vi(self) -> &'static str {
        match self {
            Self::OnHold => "tạm dừng xem xét",
            Self::NotEligible => "chưa đủ điều kiện, tiêu chuẩn",
            Self::Incomplete => "hồ sơ chưa đầy đủ",
            Self::Undecided => "cần người có thẩm quyền xác nhận",
            Self::Eligible => "đủ điều kiện",
        }
    }
}

/// Which procedure the law allows: thủ tục đơn giản, or the ordinary one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Procedure {
    /// Without publication and council; appraised all the same.
    Simplified,
    /// With all steps.
    Ordinary,
}

impl Procedure {
    /// The code as it stands in files and interfaces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Simplified => "simplified",
            Self::Ordinary => "ordinary",
        }
    }
}

/// A text for people, Vietnamese first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

impl Note {
    pub(crate) fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            vi: vi.into(),
            en: en.into(),
        }
    }
}

/// A proceeding that is open on that day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// `discipline`, `investigation`, `inspection`, `complaint` or `press-report`.
    pub kind: String,
    /// Since when.
    pub opened_on: Date,
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

/// How one criterion came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It holds.
    Met,
    /// It does not hold, or cannot be checked here, and it binds nobody: to be looked at.
    Warning,
    /// Only a person can say.
    Question,
    /// It does not hold.
    NotMet,
}

/// One criterion and how it came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// The type of the criterion, e.g. `title-count`.
    pub criterion: String,
    /// How it came out.
    pub status: Status,
    /// The article behind it, where one was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// Whether it was read in a source.
    pub confirmed: bool,
    /// What it asks and what was found, in Vietnamese.
    pub vi: String,
    /// The same in English.
    pub en: String,
}

/// How one way to the award came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathStatus {
    /// All its criteria hold.
    Met,
    /// One does not.
    NotMet,
    /// Not claimed: a criterion for people has no answer.
    NotTried,
}

/// One way to the award; `*` holds the criteria that always apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// The path's code.
    pub path: String,
    /// How it came out.
    pub status: PathStatus,
    /// Its criteria.
    pub criteria: Vec<Leaf>,
}

/// One paper and whether it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// The kind's code.
    pub kind: String,
    /// It is attached.
    pub attached: bool,
    /// It is due by now: the step that makes it has come.
    pub due: bool,
    /// The article behind it, where one was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// Whether it was read in a source.
    pub confirmed: bool,
    /// The name in Vietnamese.
    pub vi: String,
    /// The name in English.
    pub en: String,
}

/// Award → path → criterion: why the verdict is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// The award as the rule set calls it.
    pub award: String,
    /// Its name in Vietnamese.
    pub vi: String,
    /// Its name in English.
    pub en: String,
    /// The article behind it, where one was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// Whether its identity and main criteria were read in a source.
    pub confirmed: bool,
    /// The ways to it.
    pub paths: Vec<Branch>,
    /// The papers of the dossier.
    pub documents: Vec<Paper>,
}

/// The answer of [`crate::Law::check`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The id of the rule set that judges the dossier.
    pub rule_set: String,
    /// What it comes to.
    pub verdict: Verdict,
    /// The code of the agency that decides on that day.
    pub deciding_agency: String,
    /// The stations, lowest first.
    pub levels: Vec<Level>,
    /// Types of the criteria that are not met.
    pub unmet: Vec<String>,
    /// Kinds of the papers that are due and missing. Where a short report would do as well, both are named.
    pub missing: Vec<String>,
    /// Which procedure the law allows.
    pub procedure: Procedure,
    /// Open proceedings.
    pub holds: Vec<Hold>,
    /// What binds nobody but must be seen.
    pub warnings: Vec<Note>,
    /// The day on which agencies and proceedings were looked at.
    pub on: Date,
    /// Why.
    pub tree: Tree,
}
