//! The header of a sheet: where it stands, how tall it is, which column is where.

use law::CandidateKind;

use super::{Column, column};
use crate::{
    flaw::{Flaw, What, quoted},
    fold::fold,
    grid::Grid,
    names::Names,
    values,
};

/// The header of a sheet.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    /// Its first row, from 0.
    pub row: u32,
    /// The first row below it.
    pub below: u32,
    pub columns: Vec<(u32, Column)>,
    /// What the name column says of the candidates' kind.
    pub kind: Option<CandidateKind>,
    /// Columns that are not read: their places and texts.
    pub unread: Vec<(String, String)>,
    pub flaws: Vec<Flaw>,
}

/// Titles stand above the header, but not many.
const ROWS_ABOVE_MAX: usize = 60;
/// With fewer known columns it is no header.
const COLUMNS_MIN: usize = 3;

impl Header {
    /// The header of the sheet, if it has one.
    pub(crate) fn find(grid: &Grid, names: &Names) -> Option<Self> {
        let mut best: Option<Self> = None;
        for line in grid.lines.iter().take(ROWS_ABOVE_MAX) {
            // Cheap first: a header names its candidates.
            let texts = line.cells.iter().filter_map(|(column, _)| line.text(*column));
            if !texts.into_iter().any(|text| names_candidates(&text, names)) {
                continue;
            }
            let header = Self::at(grid, line.row, names);
            let known = header.known();
            if known >= COLUMNS_MIN && best.as_ref().is_none_or(|best| known > best.known()) {
                best = Some(header);
            }
        }
        best
    }

    fn known(&self) -> usize {
        self.columns.len()
    }

    fn at(grid: &Grid, row: u32, names: &Names) -> Self {
        let below = row + height(grid, row, names);
        let mut header = Self {
            row,
            below,
            columns: Vec::new(),
            kind: None,
            unread: Vec::new(),
            flaws: Vec::new(),
        };
        let mut seats: Vec<u32> = (row..below)
            .filter_map(|row| grid.line(row))
            .flat_map(|line| line.cells.iter().map(|(column, _)| *column))
            .collect();
        seats.sort_unstable();
        seats.dedup();
        for seat in seats {
            let text = header_text(grid, row, below, seat);
            let place = grid.place(row, seat);
            match column(&text, names) {
                Ok(Some(known)) => header.take(seat, known, &text, place),
                Ok(None) => header.unread.push((place, text)),
                Err(what) => header.flaws.push(Flaw::new(place, what)),
            }
        }
        header.skip_numbering(grid);
        header
    }

    fn take(&mut self, seat: u32, known: Column, text: &str, place: String) {
        if known == Column::Name {
            self.kind = kind_named(text);
        }
        let twice = self.columns.iter().any(|(_, other)| *other == known);
        if twice && !matches!(known, Column::Awards | Column::Note) {
            self.flaws.push(Flaw::new(
                place,
                What::new(
                    "DUPLICATE_COLUMN",
                    format!("có hai cột {}; hãy bỏ hoặc đổi tên một cột", quoted(text)),
                    format!("there are two columns {}; remove or rename one", quoted(text)),
                ),
            ));
            return;
        }
        self.columns.push((seat, known));
    }

    /// A row of column numbers, (1) (2) (3) or A B 1 2, belongs to the header.
    fn skip_numbering(&mut self, grid: &Grid) {
        let Some(line) = grid.line(self.below) else { return };
        let numbering = line.cells.iter().all(|(column, _)| {
            line.text(*column).is_some_and(|text| {
                let inner = text.trim_matches(['(', ')', '[', ']']);
                let letter = inner.len() == 1 && inner.bytes().all(|b| b.is_ascii_uppercase());
                letter || inner.len() <= 2 && inner.parse::<u32>().is_ok()
            })
        });
        let name = self.seat(&Column::Name).and_then(|seat| line.text(seat));
        if numbering && name.is_some() {
            self.below += 1;
        }
    }

    pub(crate) fn seat(&self, wanted: &Column) -> Option<u32> {
        self.columns
            .iter()
            .find(|(_, column)| column == wanted)
            .map(|(seat, _)| *seat)
    }
}

/// Whether a heading is that of the candidates' names.
fn names_candidates(text: &str, names: &Names) -> bool {
    matches!(column(text, names), Ok(Some(Column::Name)))
}

/// How many rows the header takes: as many as its merged cells, or two where years stand under "Xếp loại".
fn height(grid: &Grid, row: u32, names: &Names) -> u32 {
    let Some(line) = grid.line(row) else { return 1 };
    let merged = line.cells.iter().filter_map(|(column, _)| grid.merge_at(row, *column));
    let tallest = merged.map(|merge| merge.bottom - row + 1).max().unwrap_or(1).min(3);
    if tallest > 1 {
        return tallest;
    }
    let mut seats = line.cells.iter().map(|(seat, _)| *seat);
    let name_seat = seats.find(|seat| names_candidates(&line.text(*seat).unwrap_or_default(), names));
    let Some(next) = grid.line(row + 1) else { return 1 };
    let mut below = next.cells.iter().map(|(seat, _)| next.text(*seat));
    let years = below.all(|text| text.is_some_and(|text| values::year_text(&text).is_some()));
    let nameless = name_seat.is_some_and(|seat| next.cell(seat).is_none());
    if years && nameless { 2 } else { 1 }
}

/// The texts of a header column from top to bottom; what stands over several columns counts for each.
fn header_text(grid: &Grid, top: u32, below: u32, seat: u32) -> String {
    let mut texts: Vec<String> = Vec::new();
    for row in top..below {
        let own = grid.line(row).and_then(|line| line.text(seat));
        let text = own.or_else(|| match grid.merge_at(row, seat) {
            Some(merge) => grid.line(merge.top)?.text(merge.left),
            // Without merged cells (CSV) the text to the left stands over the years below it.
            None if row == top && below > top + 1 => {
                let line = grid.line(row)?;
                let left = line.cells.iter().rev().find(|(column, _)| *column < seat)?;
                line.text(left.0)
            }
            None => None,
        });
        if let Some(text) = text.filter(|text| texts.last() != Some(text)) {
            texts.push(text);
        }
    }
    texts.join(" ")
}

/// Whether the header of the names speaks of persons or of collectives alone.
fn kind_named(text: &str) -> Option<CandidateKind> {
    let key = fold(text);
    let (person, collective) = (
        key.contains("ho va ten") || key.contains("ho ten") || key.contains("ca nhan"),
        key.contains("tap the"),
    );
    let household = key.contains("ho gia dinh") || key.contains("chu ho");
    match (person, collective, household) {
        (true, false, false) => Some(CandidateKind::Individual),
        (false, true, false) => Some(CandidateKind::Collective),
        (false, false, true) => Some(CandidateKind::Household),
        _ => None,
    }
}
