//! What is wrong, and in which cell.

use std::fmt;

use serde::Serialize;

/// Something in a list that cannot be read or is not right, told by its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flaw {
    /// The cell, e.g. `Sheet1!D17` (`D17` in a CSV file); empty where it is the whole file.
    pub at: String,
    /// A stable code, e.g. `UNREADABLE_DATE`.
    pub reason: &'static str,
    /// For people, in Vietnamese.
    pub vi: String,
    /// For people, in English.
    pub en: String,
}

impl Flaw {
    pub(crate) fn new(at: impl Into<String>, what: What) -> Self {
        Self {
            at: at.into(),
            reason: what.reason,
            vi: what.vi,
            en: what.en,
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.at.is_empty() {
            write!(f, "{}: ", self.at)?;
        }
        write!(f, "{} / {} ({})", self.vi, self.en, self.reason)
    }
}

impl std::error::Error for Flaw {}

/// What is wrong with a value, before its place is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct What {
    pub reason: &'static str,
    pub vi: String,
    pub en: String,
}

impl What {
    pub(crate) fn new(reason: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            reason,
            vi: vi.into(),
            en: en.into(),
        }
    }
}

/// A text short enough to be quoted.
pub(crate) fn quoted(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let line = text.replace('\n', " ");
    if line.chars().count() <= CHARS_MAX {
        return format!("“{line}”");
    }
    let start: String = line.chars().take(CHARS_MAX).collect();
    format!("“{start}…”")
}

/// The name of a cell: row 16, column 3 (both from 0) is `D17`, and `Sheet1!D17` where the sheet has a name.
pub(crate) fn cell_name(sheet: Option<&str>, row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    let cell = format!("{letters}{}", row + 1);
    match sheet {
        Some(sheet) if sheet.chars().all(|c| c.is_alphanumeric() || c == '_') => format!("{sheet}!{cell}"),
        Some(sheet) => format!("'{}'!{cell}", sheet.replace('\'', "''")),
        None => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_a_spreadsheet_names_them() {
        assert_eq!(cell_name(Some("Sheet1"), 16, 3), "Sheet1!D17");
        assert_eq!(cell_name(Some("Cá nhân"), 0, 26), "'Cá nhân'!AA1");
        assert_eq!(cell_name(None, 9, 701), "ZZ10");
    }
}
