//! A list of nominees: found in its file, read row by row, judged.

use law::{Agencies, Check, DossierFile, Law};
use sha2::{Digest as _, Sha256};
use time::Date;

use crate::{
    columns::{Column, Header},
    common::Common,
    flaw::{Flaw, What},
    fold::{fold, fold_char},
    grid::{Cell, FILE_BYTES_MAX, Grid, Line, ROWS_MAX},
    names::Names,
    row::Making,
    text, workbook,
};

/// Reads lists by one state of the law and of the directory.
pub struct Reader<'a> {
    law: &'a Law,
    agencies: &'a Agencies,
    names: Names,
    today: Date,
}

/// A list of nominees.
#[derive(Debug, Clone)]
pub struct List {
    /// What the file is called.
    pub file: String,
    /// SHA-256 of the file, 64 lower-case hex digits.
    pub sha256: String,
    /// The nominees, in the order of the file.
    pub rows: Vec<Row>,
    /// What is wrong with the list as a whole: its header, its titles.
    pub flaws: Vec<Flaw>,
    /// Rows that are no nominees: headings, sums, notes. Each by its first cell.
    pub skipped: Vec<Skipped>,
    /// Columns that are not read.
    pub unread: Vec<Skipped>,
}

/// Something in the file that was passed over, so that nothing is passed over in silence.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Skipped {
    /// The cell.
    pub at: String,
    /// Its text.
    pub text: String,
}

/// A nominee.
#[derive(Debug, Clone)]
pub struct Row {
    /// The cell of the name, e.g. `Sheet1!B17`.
    pub at: String,
    /// The number of the row, as a spreadsheet shows it.
    pub number: u32,
    /// The name, for people.
    pub label: String,
    /// The dossier, where the row could be read in full.
    pub dossier: Option<DossierFile>,
    /// What the law says of it, where the dossier is valid.
    pub check: Option<Check>,
    /// What is wrong, by cell.
    pub flaws: Vec<Flaw>,
    /// The cell of the person number.
    pub id_at: Option<String>,
}

impl<'a> Reader<'a> {
    /// A reader by this law, these agencies, and this day as today.
    pub fn new(law: &'a Law, agencies: &'a Agencies, today: Date) -> Self {
        Self {
            law,
            agencies,
            names: Names::new(law, agencies),
            today,
        }
    }

    /// Reads and judges a list: XLSX, or text with `;`, `,` or tabs. `on` judges as on that day; `watch` is told how
    /// many rows are done.
    ///
    /// # Errors
    /// One flaw where the file as a whole is no list: too large, broken, no header. Rows that cannot be read are no
    /// error here: each carries its own flaws.
    pub fn read(
        &self,
        file: &str,
        bytes: &[u8],
        common: &Common,
        on: Option<Date>,
        watch: &mut dyn FnMut(usize),
    ) -> Result<List, Flaw> {
        if bytes.len() > FILE_BYTES_MAX {
            let mib = FILE_BYTES_MAX >> 20;
            return Err(whole(
                "FILE_TOO_LARGE",
                format!("tệp lớn hơn {mib} MiB; hãy chia nhỏ danh sách"),
                format!("the file is larger than {mib} MiB; split the list"),
            ));
        }
        let mut list = List {
            file: file.to_owned(),
            sha256: hex::encode(Sha256::digest(bytes)),
            rows: Vec::new(),
            flaws: Vec::new(),
            skipped: Vec::new(),
            unread: Vec::new(),
        };
        let mut found = false;
        for (mut grid, header) in self.tables(bytes)? {
            found = true;
            grid.spread_down();
            self.sheet(&grid, header, common, on, &mut list, watch);
        }
        if !found {
            return Err(whole(
                "NO_HEADER",
                "không tìm thấy dòng tiêu đề: cần cột “Họ và tên” (hoặc “Tên tập thể”) và ít nhất hai cột khác của \
                 mẫu; xem `vinhdanh law template`",
                "no header row: it needs a column “Họ và tên” (or “Tên tập thể”) and at least two other columns of the \
                 form; see `vinhdanh law template`",
            ));
        }
        if list.rows.len() > ROWS_MAX {
            return Err(whole(
                "TOO_MANY_ROWS",
                format!("quá {ROWS_MAX} dòng"),
                format!("more than {ROWS_MAX} rows"),
            ));
        }
        if list.rows.is_empty() && list.flaws.is_empty() {
            return Err(whole(
                "NO_ROWS",
                "dưới dòng tiêu đề không có dòng nào",
                "there is no row below the header",
            ));
        }
        Ok(list)
    }

    /// The sheets that have a header. Of the tables that a text can be, the one that knows most columns.
    fn tables(&self, bytes: &[u8]) -> Result<Vec<(Grid, Header)>, Flaw> {
        if workbook::is_workbook(bytes) {
            let grids = workbook::read(bytes)?.into_iter();
            return Ok(grids
                .filter_map(|grid| {
                    let header = Header::find(&grid, &self.names)?;
                    Some((grid, header))
                })
                .collect());
        }
        let written = text::decode(bytes)?;
        let mut best: Option<(Grid, Header)> = None;
        let mut failure = None;
        for separator in text::SEPARATORS {
            match text::read(&written, separator) {
                Ok(grid) => {
                    if let Some(header) = Header::find(&grid, &self.names)
                        && best
                            .as_ref()
                            .is_none_or(|(_, other)| header.columns.len() > other.columns.len())
                    {
                        best = Some((grid, header));
                    }
                }
                Err(flaw) => failure = Some(flaw),
            }
        }
        match (best, failure) {
            (None, Some(flaw)) => Err(flaw),
            (best, _) => Ok(best.into_iter().collect()),
        }
    }

    fn sheet(
        &self,
        grid: &Grid,
        header: Header,
        common: &Common,
        on: Option<Date>,
        list: &mut List,
        watch: &mut dyn FnMut(usize),
    ) {
        list.flaws.extend(header.flaws.iter().cloned());
        list.unread.extend(header.unread.iter().map(|(at, text)| Skipped {
            at: at.clone(),
            text: text.clone(),
        }));
        let common = common.with_titles(grid, header.row, &mut list.flaws);
        let below: Vec<&Line> = grid.lines.iter().filter(|line| line.row >= header.below).collect();
        let number = header.seat(&Column::Number);
        let numbered = |line: &Line| number.is_some_and(|seat| is_number(line.cell(seat)));
        let last_numbered = below.iter().filter(|line| numbered(line)).map(|line| line.row).max();
        for line in below {
            let trailing = last_numbered.is_some_and(|last| line.row > last);
            match judge_line(grid, &header, line, numbered(line), trailing) {
                Kind::Nominee => {
                    let row = self.row(grid, &header, line, &common, on);
                    list.rows.push(row);
                    watch(list.rows.len());
                }
                Kind::Other => {
                    if let Some((seat, cell)) = line.cells.first() {
                        list.skipped.push(Skipped {
                            at: grid.place(line.row, *seat),
                            text: cell.text().unwrap_or_default(),
                        });
                    }
                }
                Kind::Empty => {}
            }
        }
    }

    fn row(&self, grid: &Grid, header: &Header, line: &Line, common: &Common, on: Option<Date>) -> Row {
        let name = header.seat(&Column::Name).unwrap_or_default();
        let at = grid.place(line.row, name);
        let label = line.text(name).unwrap_or_default().replace('\n', " ");
        let mut making = Making::new(self.law, &self.names, grid, header, line);
        if line.cell(name).is_none() {
            making.flaws.push(Flaw::new(
                &at,
                What::new("MISSING_NAME", "chưa có tên", "the name is missing"),
            ));
        }
        let dossier = making.dossier(common);
        let mut check = None;
        if let Some(dossier) = dossier.as_ref().filter(|_| making.flaws.is_empty()) {
            let problems = self.law.validate(dossier, self.agencies, self.today);
            let judged = if problems.is_empty() {
                self.law.check(dossier, self.agencies, on)
            } else {
                Err(problems)
            };
            let problems = match judged {
                Ok(judged) => {
                    check = Some(judged);
                    Vec::new()
                }
                Err(problems) => problems,
            };
            for problem in problems {
                let place = making.place_of(&problem.path);
                making
                    .flaws
                    .push(Flaw::new(place, What::new(problem.reason, problem.vi, problem.en)));
            }
        }
        Row {
            at,
            number: line.row + 1,
            label,
            dossier: dossier.filter(|_| making.flaws.is_empty()),
            check,
            flaws: making.flaws,
            id_at: header.seat(&Column::Id).map(|seat| grid.place(line.row, seat)),
        }
    }

    /// The name of an award in Vietnamese.
    pub fn award_name<'b>(&'b self, code: &'b str) -> &'b str {
        self.names.award_name(code)
    }
}

fn whole(reason: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Flaw {
    Flaw::new("", What::new(reason, vi, en))
}

/// What a line below the header is.
enum Kind {
    Nominee,
    Other,
    Empty,
}

fn is_number(cell: Option<&Cell>) -> bool {
    match cell {
        Some(Cell::Number(_)) => true,
        Some(Cell::Text(text)) => text.trim_end_matches(['.', ')']).parse::<u32>().is_ok(),
        // A running number is often a formula.
        Some(Cell::Bad(what)) => what.reason == "FORMULA",
        _ => false,
    }
}

/// Whether a text is a Roman number, as headings between the nominees have.
fn is_roman(text: &str) -> bool {
    !text.is_empty() && text.chars().map(fold_char).all(|c| matches!(c, 'i' | 'v' | 'x'))
}

fn judge_line(grid: &Grid, header: &Header, line: &Line, numbered: bool, trailing: bool) -> Kind {
    const SUMS: &[&str] = &["tong", "tong cong", "tong so", "cong", "cong so"];
    const CLOSINGS: &[&str] = &[
        "nguoi lap",
        "thu truong",
        "noi nhan",
        "ghi chu",
        "xac nhan cua",
        "danh sach nay",
        "an dinh danh sach",
    ];
    let name = header.seat(&Column::Name).unwrap_or_default();
    let filled = header
        .columns
        .iter()
        .filter(|(seat, column)| {
            !matches!(column, Column::Number | Column::Name | Column::Note) && line.cell(*seat).is_some()
        })
        .count();
    let name_text = line.text(name);
    let texts = line.cells.iter().filter_map(|(seat, _)| line.text(*seat));
    let opening = texts
        .map(|text| fold(&text))
        .find(|text| !text.is_empty())
        .unwrap_or_default();
    let sum = SUMS.contains(&opening.as_str())
        || ["tong cong ", "tong so "]
            .iter()
            .any(|start| opening.starts_with(start));
    let named = name_text.as_deref().map(fold).unwrap_or_default();
    let summed = SUMS.contains(&named.as_str()) || named.starts_with("tong cong");
    let closing = CLOSINGS
        .iter()
        .any(|start| opening.starts_with(start) || named.starts_with(start));
    if !numbered && (sum || summed || closing || trailing) {
        return Kind::Other;
    }
    let across = grid
        .merge_at(line.row, name)
        .is_some_and(|merge| merge.right > merge.left);
    match (line.cell(name).is_some(), filled) {
        // A form comes with numbered rows that nobody filled in.
        (false, 0) => {
            let only_number = line
                .cells
                .iter()
                .all(|(seat, _)| header.seat(&Column::Number) == Some(*seat));
            if only_number && numbered {
                Kind::Empty
            } else {
                Kind::Other
            }
        }
        (true, 0) if !numbered || across => Kind::Other,
        (true, _)
            if !numbered
                && header
                    .seat(&Column::Number)
                    .and_then(|seat| line.text(seat))
                    .is_some_and(|text| is_roman(&text)) =>
        {
            Kind::Other
        }
        _ => Kind::Nominee,
    }
}
