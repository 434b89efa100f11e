//! A sheet as cells, whatever file it came from.

use time::Date;

use crate::flaw::{What, cell_name};

/// Largest file, in bytes.
pub(crate) const FILE_BYTES_MAX: usize = 32 << 20;
/// Most rows of a list that hold anything.
pub(crate) const ROWS_MAX: usize = 20_000;
/// Right of this there is no list.
pub(crate) const COLUMNS_MAX: u32 = 512;
/// Longest text of a cell, in characters.
pub(crate) const CELL_CHARS_MAX: usize = 20_000;

/// What a cell holds. An empty cell is not there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    Number(f64),
    Day(Date),
    Flag(bool),
    /// It holds something that is no value.
    Bad(What),
}

/// The cells of a row that hold something, from left to right.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// From 0.
    pub row: u32,
    pub cells: Vec<(u32, Cell)>,
}

impl Line {
    pub(crate) fn cell(&self, column: u32) -> Option<&Cell> {
        let at = self.cells.binary_search_by_key(&column, |(column, _)| *column).ok()?;
        Some(&self.cells[at].1)
    }

    /// The text of a cell, with whole numbers as they would be written.
    pub(crate) fn text(&self, column: u32) -> Option<String> {
        self.cell(column).and_then(Cell::text)
    }

    fn set(&mut self, column: u32, cell: Cell) {
        match self.cells.binary_search_by_key(&column, |(column, _)| *column) {
            Ok(at) => self.cells[at].1 = cell,
            Err(at) => self.cells.insert(at, (column, cell)),
        }
    }
}

impl Cell {
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            Self::Day(day) => Some(day.to_string()),
            Self::Flag(_) | Self::Bad(_) => None,
        }
    }

    /// A text cell; what is blank is no cell.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        if text.chars().count() > CELL_CHARS_MAX {
            return Some(Self::Bad(What::new(
                "CELL_TOO_LONG",
                format!("ô dài quá {CELL_CHARS_MAX} ký tự"),
                format!("the cell is longer than {CELL_CHARS_MAX} characters"),
            )));
        }
        let text = crate::fold::tidy(text);
        (!text.is_empty()).then_some(Self::Text(text))
    }
}

/// A region that is shown as one cell; bounds are included and from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Merge {
    pub top: u32,
    pub left: u32,
    pub bottom: u32,
    pub right: u32,
}

impl Merge {
    pub(crate) fn holds(&self, row: u32, column: u32) -> bool {
        (self.top..=self.bottom).contains(&row) && (self.left..=self.right).contains(&column)
    }
}

/// A sheet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Grid {
    /// A CSV file has no sheet.
    pub sheet: Option<String>,
    /// Lines that hold something, from top to bottom.
    pub lines: Vec<Line>,
    pub merges: Vec<Merge>,
    /// Days are counted from 1904 instead of 1900.
    pub from_1904: bool,
}

impl Grid {
    pub(crate) fn place(&self, row: u32, column: u32) -> String {
        cell_name(self.sheet.as_deref(), row, column)
    }

    pub(crate) fn line(&self, row: u32) -> Option<&Line> {
        let at = self.lines.binary_search_by_key(&row, |line| line.row).ok()?;
        Some(&self.lines[at])
    }

    pub(crate) fn merge_at(&self, row: u32, column: u32) -> Option<&Merge> {
        self.merges.iter().find(|merge| merge.holds(row, column))
    }

    /// Gives each row of a region that is merged downwards the region's value, since that is what a reader sees.
    pub(crate) fn spread_down(&mut self) {
        for merge in self.merges.clone() {
            if merge.bottom == merge.top || merge.bottom - merge.top > ROWS_MAX as u32 {
                continue;
            }
            let Some(cell) = self.line(merge.top).and_then(|line| line.cell(merge.left)).cloned() else {
                continue;
            };
            for line in &mut self.lines {
                if line.row > merge.top && line.row <= merge.bottom && line.cell(merge.left).is_none() {
                    line.set(merge.left, cell.clone());
                }
            }
        }
    }
}
