//! What an import says: a report per row and totals, as JSON, as a sheet, as CSV.

use std::collections::{BTreeMap, BTreeSet};

use law::{Law, Verdict};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde::Serialize;

use crate::{
    Flaw, List, Skipped,
    duplicates::{Comparison, Duplicate, compare},
};

/// Why a row is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// A cell, or the dossier that it makes, is wrong.
    Errors,
    /// The person stands in two places.
    Duplicate,
    /// A criterion of the law is not met.
    NotEligible,
}

impl Held {
    /// The words for people, in Vietnamese.
    pub const fn name_vi(self) -> &'static str {
        match self {
            Self::Errors => "có lỗi",
            Self::Duplicate => "trùng",
            Self::NotEligible => "chưa đủ điều kiện",
        }
    }
}

/// What became of a row that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sent {
    /// A draft was made; its id.
    Drafted(String),
    /// It was submitted; its id.
    Submitted(String),
    /// It was refused: why.
    Refused(String),
}

/// A row of the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowReport {
    /// The file.
    pub file: String,
    /// The number of the row, as a spreadsheet shows it.
    pub row: u32,
    /// The cell of the name.
    pub at: String,
    /// The name.
    pub candidate: String,
    /// The person number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The award's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub award: Option<String>,
    /// Why it is not sent; none: it is good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// What the law says, where the row could be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Who decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deciding_agency: Option<String>,
    /// Types of the criteria that are not met.
    pub unmet: Vec<String>,
    /// Kinds of the papers that are due and missing.
    pub missing: Vec<String>,
    /// What is wrong, by cell.
    pub errors: Vec<Flaw>,
    /// What became of it, where rows were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
}

/// A file of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The file.
    pub file: String,
    /// Its SHA-256.
    pub sha256: String,
    /// How many nominees it has.
    pub rows: usize,
    /// What is wrong with it as a whole.
    pub errors: Vec<Flaw>,
    /// Rows that are no nominees.
    pub skipped: Vec<Skipped>,
    /// Columns that are not read.
    pub unread_columns: Vec<Skipped>,
}

/// The sums.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Nominees.
    pub rows: usize,
    /// Rows that would be sent.
    pub good: usize,
    /// Rows with errors.
    pub errors: usize,
    /// Rows of persons who stand in two places.
    pub duplicates: usize,
    /// Rows without a person number, which cannot be compared.
    pub unchecked: usize,
    /// How many rows have which verdict.
    pub verdicts: BTreeMap<&'static str, usize>,
    /// Rows that were drafted or submitted.
    pub sent: usize,
    /// Rows that were refused when they were sent.
    pub refused: usize,
}

/// What an import says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The sums.
    pub totals: Totals,
    /// The files.
    pub files: Vec<FileReport>,
    /// The rows, in the order of the files.
    pub rows: Vec<RowReport>,
    /// Persons who stand in two places.
    pub duplicates: Vec<Duplicate>,
    /// Cells of rows without a person number: they cannot be compared.
    pub unchecked: Vec<String>,
}

impl Report {
    /// The report of lists that were read. `also_not_eligible`: rows that do not meet a criterion are good all the same.
    pub fn new(lists: &[List], law: &Law, also_not_eligible: bool) -> Self {
        let Comparison { duplicates, unchecked } = compare(lists, law);
        let pairs = duplicates.iter().flat_map(|pair| [pair.first.index, pair.second.index]);
        let doubled: BTreeSet<(usize, usize)> = pairs.collect();
        let mut rows = Vec::new();
        let mut named = Vec::new();
        for (l, list) in lists.iter().enumerate() {
            for (r, row) in list.rows.iter().enumerate() {
                let twice = doubled.contains(&(l, r));
                let verdict = row.check.as_ref().map(|check| check.verdict);
                let held = if !row.flaws.is_empty() || !list.flaws.is_empty() {
                    Some(Held::Errors)
                } else if twice {
                    Some(Held::Duplicate)
                } else if verdict == Some(Verdict::NotEligible) && !also_not_eligible {
                    Some(Held::NotEligible)
                } else {
                    None
                };
                if unchecked.binary_search(&(l, r)).is_ok() {
                    named.push(format!("{}: {}", list.file, row.id_at.as_deref().unwrap_or(&row.at)));
                }
                let dossier = row.dossier.as_ref();
                rows.push(RowReport {
                    file: list.file.clone(),
                    row: row.number,
                    at: row.at.clone(),
                    candidate: row.label.clone(),
                    id: dossier.and_then(|dossier| dossier.candidate.id.clone()),
                    award: dossier.map(|dossier| dossier.award.clone()),
                    held,
                    verdict,
                    deciding_agency: row.check.as_ref().map(|check| check.deciding_agency.clone()),
                    unmet: row.check.as_ref().map(|check| check.unmet.clone()).unwrap_or_default(),
                    missing: row
                        .check
                        .as_ref()
                        .map(|check| check.missing.clone())
                        .unwrap_or_default(),
                    errors: row.flaws.clone(),
                    sent: None,
                });
            }
        }
        let files = lists.iter().map(|list| FileReport {
            file: list.file.clone(),
            sha256: list.sha256.clone(),
            rows: list.rows.len(),
            errors: list.flaws.clone(),
            skipped: list.skipped.clone(),
            unread_columns: list.unread.clone(),
        });
        let mut report = Self {
            totals: Totals::default(),
            files: files.collect(),
            rows,
            duplicates,
            unchecked: named,
        };
        report.sum();
        report
    }

    /// Counts again, after rows were sent.
    pub fn sum(&mut self) {
        let count = |wanted: &dyn Fn(&RowReport) -> bool| self.rows.iter().filter(|row| wanted(row)).count();
        let mut verdicts = BTreeMap::new();
        for row in &self.rows {
            if let Some(verdict) = row.verdict {
                *verdicts.entry(verdict.as_str()).or_default() += 1;
            }
        }
        self.totals = Totals {
            rows: self.rows.len(),
            good: count(&|row| row.held.is_none()),
            errors: count(&|row| row.held == Some(Held::Errors)),
            duplicates: count(&|row| row.held == Some(Held::Duplicate)),
            unchecked: self.unchecked.len(),
            verdicts,
            sent: count(&|row| matches!(row.sent, Some(Sent::Drafted(_) | Sent::Submitted(_)))),
            refused: count(&|row| matches!(row.sent, Some(Sent::Refused(_)))),
        };
    }

    /// Whether every row is good and every file can be read.
    pub fn is_good(&self) -> bool {
        self.totals.good == self.totals.rows && self.files.iter().all(|file| file.errors.is_empty())
    }

    const HEADINGS: [&'static str; 12] = [
        "Tệp / File",
        "Dòng / Row",
        "Tên / Candidate",
        "Số định danh / Number",
        "Danh hiệu, hình thức / Award",
        "Kết quả / Result",
        "Kết luận / Verdict",
        "Tiêu chuẩn chưa đạt / Unmet",
        "Giấy tờ còn thiếu / Missing",
        "Lỗi / Errors",
        "Trùng / Duplicates",
        "Hồ sơ / Dossier",
    ];

    fn cells(&self) -> impl Iterator<Item = [String; 12]> + '_ {
        self.rows.iter().map(|row| {
            let twice = self.duplicates.iter().filter_map(|duplicate| {
                let (one, other) = (&duplicate.first, &duplicate.second);
                let mine = |spot: &crate::Spot| spot.file == row.file && spot_row(&spot.at) == spot_row(&row.at);
                let other = if mine(one) {
                    other
                } else if mine(other) {
                    one
                } else {
                    return None;
                };
                Some(format!(
                    "{} {}: {} / {}",
                    other.file, other.at, duplicate.vi, duplicate.en
                ))
            });
            [
                row.file.clone(),
                row.row.to_string(),
                row.candidate.clone(),
                row.id.clone().unwrap_or_default(),
                row.award.clone().unwrap_or_default(),
                row.held.map_or("được", Held::name_vi).to_owned(),
                row.verdict.map_or_else(String::new, |verdict| {
                    format!("{} ({})", verdict.name_vi(), verdict.as_str())
                }),
                row.unmet.join(", "),
                row.missing.join(", "),
                row.errors.iter().map(Flaw::to_string).collect::<Vec<_>>().join("\n"),
                twice.collect::<Vec<_>>().join("\n"),
                match &row.sent {
                    None => String::new(),
                    Some(Sent::Drafted(id) | Sent::Submitted(id)) => id.clone(),
                    Some(Sent::Refused(why)) => why.clone(),
                },
            ]
        })
    }

    /// The rows as a workbook.
    ///
    /// # Errors
    /// Where a text is longer than a cell can be.
    pub fn to_xlsx(&self) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        workbook.set_properties(&crate::template::properties("Kết quả kiểm tra danh sách"));
        let sheet = workbook.add_worksheet().set_name("Kết quả")?;
        let bold = Format::new().set_bold().set_text_wrap();
        for (column, heading) in (0..).zip(Self::HEADINGS) {
            sheet.write_string_with_format(0, column, heading, &bold)?;
            sheet.set_column_width(
                column,
                [18.0, 8.0, 26.0, 16.0, 26.0, 12.0, 26.0, 24.0, 24.0, 50.0, 50.0, 38.0][usize::from(column)],
            )?;
        }
        for (row, cells) in (1..).zip(self.cells()) {
            for (column, text) in (0..).zip(cells) {
                if !text.is_empty() {
                    sheet.write_string(row, column, text.chars().take(32_000).collect::<String>())?;
                }
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        workbook.save_to_buffer()
    }

    /// The rows as CSV: UTF-8 with a mark, since spreadsheet programs ask for one.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(b"\xef\xbb\xbf".to_vec());
        let rows = std::iter::once(Self::HEADINGS.map(str::to_owned)).chain(self.cells());
        for row in rows {
            // A text that a spreadsheet program would take for a formula is written as a text.
            let row = row.map(|text| {
                if text.starts_with(['=', '+', '-', '@']) {
                    format!("'{text}")
                } else {
                    text
                }
            });
            writer
                .write_record(&row)
                .expect("memory takes every record of the same length");
        }
        writer.into_inner().expect("memory needs no flushing")
    }
}

fn spot_row(at: &str) -> (&str, &str) {
    let (sheet, cell) = at.rsplit_once('!').unwrap_or(("", at));
    (sheet, cell.trim_start_matches(|c: char| c.is_ascii_alphabetic()))
}
