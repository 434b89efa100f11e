//! Why a dossier file cannot be judged.

use serde::Serialize;

/// One thing that is wrong with a dossier file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where, e.g. `letter.date`, `record.awards[2].award`.
    pub path: String,
    /// A stable code, e.g. `UNKNOWN_AWARD`.
    pub reason: &'static str,
    /// For people, in Vietnamese.
    pub vi: String,
    /// For people, in English.
    pub en: String,
}

impl Problem {
    pub(crate) fn new(
        path: impl Into<String>,
        reason: &'static str,
        vi: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            reason,
            vi: vi.into(),
            en: en.into(),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} ({})", self.path, self.en, self.reason)
    }
}
