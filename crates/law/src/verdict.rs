//! What a check says: the verdict, why, and the tree of criteria behind it.

use serde::{Deserialize, Serialize};
use time::Date;

use crate::{Level, Text};

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
    pub vi: Text,
    /// In English.
    pub en: Text,
}

impl Note {
    pub(crate) fn new(vi: impl Into<Text>, en: impl Into<Text>) -> Self {
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
    pub kind: Text,
    /// Since when.
    pub opened_on: Date,
    /// In Vietnamese.
    pub vi: Text,
    /// In English.
    pub en: Text,
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

/// Something that the file says, and whether it counts for a criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// It speaks for the criterion.
    pub counts: bool,
    /// What it is, in Vietnamese.
    pub vi: Text,
    /// The same in English.
    pub en: Text,
    /// Why it does not count, or what it breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Note>,
}

/// One criterion and how it came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// The type of the criterion, e.g. `title-count`.
    pub criterion: Text,
    /// How it came out.
    pub status: Status,
    /// The article behind it, where one was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<Text>,
    /// Whether it was read in a source.
    pub confirmed: bool,
    /// What it asks, in Vietnamese.
    pub vi: Text,
    /// The same in English.
    pub en: Text,
    /// How many were counted, where it asks for a number of years, times or percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub have: Option<u32>,
    /// How many it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<u32>,
    /// What was found in the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
    /// The kinds of the papers that prove it, where the law names one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Text>,
}

impl Leaf {
    /// How many are still missing, where it asks for a number.
    pub(crate) fn short(&self) -> u32 {
        self.need.unwrap_or(0).saturating_sub(self.have.unwrap_or(0))
    }
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
    pub path: Text,
    /// How it came out.
    pub status: PathStatus,
    /// Its criteria.
    pub criteria: Vec<Leaf>,
}

/// One paper and whether it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// The kind's code.
    pub kind: Text,
    /// It is attached.
    pub attached: bool,
    /// It is due by now: the step that makes it has come.
    pub due: bool,
    /// The article behind it, where one was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<Text>,
    /// Whether it was read in a source.
    pub confirmed: bool,
    /// The name in Vietnamese.
    pub vi: Text,
    /// The name in English.
    pub en: Text,
}

/// Award → path → criterion → fact → paper: why the verdict is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// The award as the rule set calls it.
    pub award: Text,
    /// Its name in Vietnamese.
    pub vi: Text,
    /// Its name in English.
    pub en: Text,
    /// The article behind it, where one was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<Text>,
    /// Whether its identity and main criteria were read in a source.
    pub confirmed: bool,
    /// The ways to it.
    pub paths: Vec<Branch>,
    /// The papers of the dossier.
    pub documents: Vec<Paper>,
}

/// What kind of thing is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LackKind {
    /// A criterion does not hold.
    Criterion,
    /// A person must answer.
    Answer,
    /// A paper is due.
    Document,
}

/// One thing that the dossier still takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lack {
    /// What kind of thing.
    pub kind: LackKind,
    /// The type of the criterion, or the kind of the paper.
    pub code: Text,
    /// In Vietnamese.
    pub vi: Text,
    /// In English.
    pub en: Text,
    /// The article behind it, where one was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<Text>,
    /// Whether it was read in a source.
    pub confirmed: bool,
}

/// The answer of [`crate::Law::check`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The id of the rule set that judges the dossier.
    pub rule_set: String,
    /// A person chose that rule set as the more favourable one; the dates select another.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub chosen: bool,
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
    /// The shortest list of what it still takes: what always holds, the path that needs least, the papers due.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<Lack>,
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
