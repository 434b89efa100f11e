//! The dossier file: one candidate and one award, as a unit sends it (`vinhdanh.dossier/1`).

use serde::{Deserialize, Serialize};
use time::Date;

use crate::{Problem, record::Record};

/// The version of the format that this crate reads.
pub const SCHEMA: &str = "vinhdanh.dossier/1";

/// One candidate and one award. Dates are ISO 8601; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DossierFile {
    /// [`SCHEMA`].
    pub schema: String,
    /// The sender's own number, unique per submitting agency; at most 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The code of the award; a local award is `<agency>/<name>`.
    pub award: String,
    /// Loại hình khen thưởng.
    pub basis: Basis,
    /// The year that an annual title is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub award_year: Option<i32>,
    /// A state secret: the content must not enter a networked installation.
    #[serde(default, skip_serializing_if = "is_false")]
    pub confidential: bool,
    /// Who is proposed.
    pub candidate: Candidate,
    /// The code of the agency that sends the dossier.
    pub submitting_agency: String,
    /// Its letter of submission.
    pub letter: Letter,
    /// When the appraising authority received the complete dossier, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_on: Option<Date>,
    /// What the award is for.
    pub achievement: Achievement,
    /// The facts about the candidate.
    #[serde(default, skip_serializing_if = "Record::is_empty")]
    pub record: Record,
    /// Answers to criteria that only a person can judge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declared: Vec<Declared>,
    /// The papers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Document>,
}

/// Loại hình khen thưởng: what kind of merit the award is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Công trạng.
    #[default]
    Merit,
    /// Đột xuất.
    Extraordinary,
    /// Phong trào, chuyên đề.
    Movement,
    /// Quá trình cống hiến.
    Contribution,
    /// Niên hạn.
    Seniority,
    /// Đối ngoại.
    Foreign,
}

/// Who is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// Person, collective or household.
    pub kind: CandidateKind,
    /// Personal or unit number: the key for duplicate control. Names are no key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name, 1 to 300 characters.
    pub name: String,
    /// The code of the agency where the candidate works, or which the collective is.
    pub agency: String,
    /// The post held now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// What the person does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupation: Option<Occupation>,
    /// Works directly, without a leading post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_worker: Option<bool>,
    /// For the priority of women.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Year of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<i32>,
    /// Dân tộc.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ethnicity: Option<String>,
    /// ISO 3166 codes of two capital letters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nationalities: Vec<String>,
    /// For a posthumous award.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deceased_on: Option<Date>,
    /// An enterprise, another economic organisation, or its head.
    #[serde(default, skip_serializing_if = "is_false")]
    pub economic_organisation: bool,
    /// Managed by a party committee, whose opinion is then asked.
    #[serde(default, skip_serializing_if = "is_false")]
    pub managed_by_party_committee: bool,
    /// How many members the collective has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<u32>,
}

/// The kind of nominee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CandidateKind {
    /// Cá nhân.
    Individual,
    /// Tập thể.
    Collective,
    /// Hộ gia đình.
    Household,
}

impl CandidateKind {
    /// The code as it stands in files and interfaces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Individual => "individual",
            Self::Collective => "collective",
            Self::Household => "household",
        }
    }

    /// The word for people, in Vietnamese.
    pub const fn name_vi(self) -> &'static str {
        match self {
            Self::Individual => "cá nhân",
            Self::Collective => "tập thể",
            Self::Household => "hộ gia đình",
        }
    }
}

/// What a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Occupation {
    /// Lãnh đạo, quản lý.
    Leader,
    /// Cán bộ, công chức, viên chức.
    Official,
    /// Giáo viên.
    Teacher,
    /// Nhân viên y tế.
    HealthWorker,
    /// Công nhân.
    Worker,
    /// Nông dân.
    Farmer,
    /// Quân nhân.
    Soldier,
    /// Công an.
    Police,
    /// Nghệ sĩ.
    Artist,
    /// Doanh nhân.
    Entrepreneur,
    /// Khác.
    Other,
}

/// For the priority of women.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sex {
    /// Nữ.
    Female,
    /// Nam.
    Male,
}

/// Tờ trình.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// Số tờ trình, e.g. `1495/TTr-UBND`.
    pub number: String,
    /// The day that selects the rule set.
    pub date: Date,
    /// Position of the signer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
}

/// What the award is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Achievement {
    /// First day of the period.
    pub from: Date,
    /// Last day of the period.
    pub to: Date,
    /// In words, at most 20,000 characters.
    pub summary: String,
    /// For one act (đột xuất): what and when; used against double awards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<String>,
}

/// The answer of a person to a criterion. One answers all criteria of its type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// The type of the criterion, e.g. `top-selection`.
    pub criterion: String,
    /// In words.
    pub text: String,
}

/// A paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The code of its kind, e.g. `to-trinh`.
    pub kind: String,
    /// Where the file lies, relative to the dossier file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Its date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The digest of the file, 64 lower-case hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl DossierFile {
    /// Reads a dossier file. Whether its codes and dates make sense is for [`crate::Law::validate`] to say.
    ///
    /// # Errors
    /// One problem that names the field: `MALFORMED_FILE`, `UNSUPPORTED_SCHEMA`, `UNKNOWN_FIELD`, `UNKNOWN_RATING`,
    /// `UNKNOWN_CODE` or `MISSING_FIELD`.
    pub fn parse(json: &str) -> Result<Self, Vec<Problem>> {
        let json = json.strip_prefix('\u{feff}').unwrap_or(json);
        let mut reader = serde_json::Deserializer::from_str(json);
        let file: Self = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            vec![malformed(&path, error.inner())]
        })?;
        reader.end().map_err(|error| vec![malformed(".", &error)])?;
        // A struct may also be written as a bare list of its values, which the format does not allow.
        let plain: serde_json::Value = serde_json::from_str(json).map_err(|error| vec![malformed(".", &error)])?;
        if let Some(path) = stray_list(&plain, "", false) {
            let (vi, en) = (
                "chỗ này phải là một đối tượng JSON",
                "this must be a JSON object, not a list",
            );
            return Err(vec![Problem::new(
                if path.is_empty() { "$" } else { &path },
                "MALFORMED_FILE",
                vi,
                en,
            )]);
        }
        if file.schema == SCHEMA {
            return Ok(file);
        }
        let vi = format!("phiên bản tệp không được hỗ trợ; cần \"{SCHEMA}\"");
        let en = format!("this version of the file is not supported; it must be \"{SCHEMA}\"");
        Err(vec![Problem::new("schema", "UNSUPPORTED_SCHEMA", vi, en)])
    }
}

/// Where a list stands in the place of an object.
fn stray_list(value: &serde_json::Value, path: &str, list_allowed: bool) -> Option<String> {
    const LISTS: [&str; 10] = [
        "nationalities",
        "ratings",
        "awards",
        "initiatives",
        "posts",
        "discipline",
        "proceedings",
        "disciplined",
        "declared",
        "documents",
    ];
    match value {
        serde_json::Value::Array(items) if list_allowed => items
            .iter()
            .enumerate()
            .find_map(|(i, item)| stray_list(item, &format!("{path}[{i}]"), false)),
        serde_json::Value::Array(_) => Some(path.to_owned()),
        serde_json::Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            stray_list(field, &path, LISTS.contains(&name.as_str()))
        }),
        _ => None,
    }
}

fn malformed(path: &str, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let reason = if error.is_syntax() || error.is_eof() {
        "MALFORMED_FILE"
    } else if text.starts_with("unknown field") {
        "UNKNOWN_FIELD"
    } else if text.starts_with("missing field") {
        "MISSING_FIELD"
    } else if text.starts_with("unknown variant") {
        if path.ends_with("rating") {
            "UNKNOWN_RATING"
        } else {
            "UNKNOWN_CODE"
        }
    } else {
        "MALFORMED_FILE"
    };
    let path = if path == "." { "$" } else { path };
    Problem::new(
        path,
        reason,
        format!("tệp hồ sơ không đọc được: {text}"),
        format!("the file cannot be read: {text}"),
    )
}
