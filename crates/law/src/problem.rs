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
            path: short(path.into()),
            reason,
            vi: short(vi.into()),
            en: short(en.into()),
        }
    }
}

/// A text that quotes the file, cut where the file would crowd out what is said of it.
fn short(mut text: String) -> String {
    const CHARS_MAX: usize = 500;
    if let Some((end, _)) = text.char_indices().nth(CHARS_MAX) {
        text.truncate(end);
        text.push('…');
    }
    text
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} ({})", self.path, self.en, self.reason)
    }
}
