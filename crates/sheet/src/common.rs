//! What is the same for all rows: given with the command, or written above the header.

use law::{Basis, CandidateKind};
use time::Date;

use crate::{
    flaw::{Flaw, What, quoted},
    fold::{after, fold},
    grid::{Cell, Grid, Line},
    values,
};

/// What holds for every row that does not say otherwise itself. Names and codes are both understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Common {
    /// Danh hiệu, hình thức đề nghị.
    pub award: Option<String>,
    /// Loại hình khen thưởng.
    pub basis: Option<Basis>,
    /// Năm xét: the year that an annual title is for.
    pub award_year: Option<i32>,
    /// Cá nhân, tập thể, hộ gia đình.
    pub kind: Option<CandidateKind>,
    /// Where the candidates work.
    pub agency: Option<String>,
    /// Đơn vị trình.
    pub submitting_agency: Option<String>,
    /// Số tờ trình.
    pub letter_number: Option<String>,
    /// Its day.
    pub letter_date: Option<Date>,
    /// Position of its signer.
    pub signed_by: Option<String>,
    /// When the complete dossiers were received.
    pub received_on: Option<Date>,
    /// First day of the period of the achievement.
    pub from: Option<Date>,
    /// Its last day.
    pub to: Option<Date>,
}

/// What stands above a header, folded.
const LABELS: &[(Field, &[&str])] = &[
    (Field::Letter, &["to trinh so", "so to trinh"]),
    (Field::LetterDate, &["ngay to trinh"]),
    (Field::SignedBy, &["nguoi ky to trinh", "nguoi ky"]),
    (
        Field::Submitter,
        &["don vi trinh", "co quan trinh", "don vi de nghi", "co quan de nghi"],
    ),
    (Field::Agency, &["don vi cong tac"]),
    (
        Field::Award,
        &[
            "danh hieu hinh thuc de nghi",
            "danh hieu de nghi",
            "hinh thuc de nghi",
            "de nghi tang",
            "ma danh hieu hinh thuc",
        ],
    ),
    (Field::Basis, &["loai hinh khen thuong", "loai hinh"]),
    (Field::Year, &["nam xet", "nam de nghi"]),
    (Field::From, &["thanh tich tu ngay", "tu ngay"]),
    (Field::To, &["den ngay"]),
    (Field::Received, &["ngay nhan du ho so", "ngay nhan ho so"]),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Letter,
    LetterDate,
    SignedBy,
    Submitter,
    Agency,
    Award,
    Basis,
    Year,
    From,
    To,
    Received,
}

impl Common {
    /// Takes in what stands above the header in row `header`. What contradicts the command is an error.
    pub(crate) fn with_titles(&self, grid: &Grid, header: u32, flaws: &mut Vec<Flaw>) -> Self {
        let mut common = self.clone();
        for line in grid.lines.iter().take_while(|line| line.row < header) {
            for (column, cell) in &line.cells {
                let Cell::Text(text) = cell else { continue };
                for (field, labels) in LABELS {
                    let Some(rest) = labels.iter().find_map(|label| labelled(text, label, *field)) else {
                        continue;
                    };
                    let (value, place) = value(grid, line, *column, rest);
                    if let Some(value) = value
                        && let Err(what) = common.take(*field, &value, grid.from_1904)
                    {
                        flaws.push(Flaw::new(place, what));
                    }
                }
            }
        }
        common
    }

    fn take(&mut self, field: Field, value: &Cell, from_1904: bool) -> Result<(), What> {
        let text = || values::text(value);
        match field {
            Field::Letter => {
                let text = text()?;
                let day = after(&text, "ngay").map(|day| dated(day).ok_or_else(|| no_day(day)));
                let number = text
                    .split([' ', ',', ';', ')'])
                    .find(|word| !word.is_empty())
                    .unwrap_or_default();
                if number.contains("..") || number.contains('…') {
                    return Err(What::new(
                        "LETTER_OPEN",
                        "số tờ trình còn để trống; hãy ghi, hoặc xóa ô",
                        "the letter's number is still open; write it, or clear the cell",
                    ));
                }
                if let Some(day) = day {
                    agree(&mut self.letter_date, day?)?;
                }
                agree(&mut self.letter_number, number.to_owned())
            }
            Field::LetterDate => agree(&mut self.letter_date, values::day(value, from_1904)?),
            Field::Received => agree(&mut self.received_on, values::day(value, from_1904)?),
            Field::From => agree(&mut self.from, values::day(value, from_1904)?),
            Field::To => agree(&mut self.to, values::day(value, from_1904)?),
            Field::SignedBy => agree(&mut self.signed_by, text()?),
            Field::Submitter => agree(&mut self.submitting_agency, text()?),
            Field::Agency => agree(&mut self.agency, text()?),
            Field::Award => agree(&mut self.award, text()?),
            Field::Basis => agree(&mut self.basis, values::basis(&text()?)?),
            Field::Year => agree(&mut self.award_year, values::year(value, false)?),
        }
    }
}

/// What follows a label that opens the text; the letter may be named within a sentence.
fn labelled<'a>(text: &'a str, label: &str, field: Field) -> Option<&'a str> {
    let rest = after(text, label)?;
    let opens = fold(&text[..text.len() - rest.len()]) == label;
    let colon = rest.trim_start().starts_with(':') || rest.trim().is_empty();
    (opens && colon || field == Field::Letter).then_some(rest)
}

/// The value beside a label: in the same cell, or in the next one that holds something.
fn value(grid: &Grid, line: &Line, column: u32, rest: &str) -> (Option<Cell>, String) {
    let rest = rest.trim_start().trim_start_matches(':').trim();
    if !rest.is_empty() {
        return (Some(Cell::Text(rest.to_owned())), grid.place(line.row, column));
    }
    let next = line.cells.iter().find(|(other, _)| *other > column);
    let place = grid.place(line.row, next.map_or(column, |(other, _)| *other));
    // The next label is no value.
    let cell = next.map(|(_, cell)| cell.clone()).filter(|cell| match cell {
        Cell::Text(text) => !LABELS.iter().any(|(_, labels)| labels.contains(&fold(text).as_str())),
        _ => true,
    });
    (cell, place)
}

/// The day at the start of a text.
fn dated(text: &str) -> Option<Date> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let trimmed = |end: usize| words.get(..end).map(|words| words.join(" "));
    let clean = |text: String| text.trim_end_matches([',', ';', ')', '.']).to_owned();
    [5, 1].iter().find_map(|end| values::day_text(&clean(trimmed(*end)?)))
}

fn no_day(text: &str) -> What {
    What::new(
        "UNREADABLE_DATE",
        format!("{} không phải là ngày; hãy ghi dd/mm/yyyy", quoted(text.trim())),
        format!("{} is no day; write it as dd/mm/yyyy", quoted(text.trim())),
    )
}

fn agree<T: PartialEq + std::fmt::Debug>(known: &mut Option<T>, value: T) -> Result<(), What> {
    match known {
        Some(other) if *other != value => Err(What::new(
            "CONTRADICTION",
            format!("khác với điều đã ghi hoặc đã cho: {other:?}"),
            format!("differs from what was given or written before: {other:?}"),
        )),
        _ => {
            *known = Some(value);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;
    use crate::text;

    fn read(table: &str) -> (Common, Vec<Flaw>) {
        let grid = text::read(table, b';').expect("a table");
        let mut flaws = Vec::new();
        let common = Common::default().with_titles(&grid, 10, &mut flaws);
        (common, flaws)
    }

    #[test]
    fn the_letter_is_named_in_a_sentence_or_in_cells() {
        let wanted = (Some("12/TTr-SNV".to_owned()), Some(date!(2025 - 01 - 05)));
        for table in [
            "(Kèm theo Tờ trình số 12/TTr-SNV ngày 05 tháng 01 năm 2025 của Sở Nội vụ)",
            "Tờ trình số:;12/TTr-SNV\nNgày tờ trình;05/01/2025",
            "Số tờ trình: 12/TTr-SNV, ngày 05/01/2025",
        ] {
            let (common, flaws) = read(table);
            assert_eq!((common.letter_number, common.letter_date), wanted, "{table}");
            assert_eq!(flaws, [], "{table}");
        }
    }

    #[test]
    fn an_open_letter_or_two_letters_are_errors() {
        assert_eq!(
            read("Tờ trình số: …/TTr-SNV ngày 05/01/2025").1[0].reason,
            "LETTER_OPEN"
        );
        assert_eq!(read("Tờ trình số: 1/TTr ngày mai").1[0].reason, "UNREADABLE_DATE");
        let (_, flaws) = read("Tờ trình số: 1/TTr\nTờ trình số: 2/TTr");
        assert_eq!((flaws[0].reason, flaws[0].at.as_str()), ("CONTRADICTION", "A2"));
        assert_eq!(read("Năm xét;Đơn vị trình;x").0.award_year, None);
    }
}
