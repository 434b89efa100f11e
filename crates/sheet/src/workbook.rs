//! XLSX files. What an office mails may be broken or hostile: everything is bounded before it is read.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, SheetVisible, Xlsx};
use time::{Date, Duration, macros::date};

use crate::{
    flaw::{Flaw, What},
    grid::{COLUMNS_MAX, Cell, Grid, Line, Merge, ROWS_MAX},
};

/// What a workbook may hold unpacked: a list of 20,000 rows has some 50 MB.
const UNPACKED_BYTES_MAX: u64 = 256 << 20;
const PARTS_MAX: usize = 2_000;
/// An old .xls file, and a workbook with a password.
const COMPOUND_FILE: [u8; 4] = [0xd0, 0xcf, 0x11, 0xe0];

/// Whether the bytes are meant to be a workbook.
pub(crate) fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") || bytes.starts_with(&COMPOUND_FILE)
}

/// The visible sheets.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Grid>, Flaw> {
    if bytes.starts_with(&COMPOUND_FILE) {
        return Err(whole(
            "NOT_XLSX",
            "tệp .xls cũ hoặc có mật khẩu; hãy lưu lại thành .xlsx không có mật khẩu",
            "an old .xls file or one with a password; save it as .xlsx without a password",
        ));
    }
    bounded(bytes)?;
    // The reader below is not ours; a hostile file that trips it up must not end the program.
    let read = std::panic::catch_unwind(|| sheets(bytes));
    read.unwrap_or_else(|_| Err(broken("the reader gave up")))
}

fn whole(reason: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Flaw {
    Flaw::new("", What::new(reason, vi, en))
}

fn broken(why: impl std::fmt::Display) -> Flaw {
    whole(
        "BROKEN_FILE",
        format!("tệp XLSX bị hỏng, không đọc được ({why}); hãy mở bằng Excel và lưu lại"),
        format!("the XLSX file is broken ({why}); open it in a spreadsheet program and save it again"),
    )
}

/// What the parts of the file claim to hold may be a lie, so they are unpacked once, into nothing.
fn bounded(bytes: &[u8]) -> Result<(), Flaw> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let too_large = || {
        let mib = UNPACKED_BYTES_MAX >> 20;
        let vi = format!("tệp giải nén ra quá lớn (hơn {mib} MiB, hoặc hơn {PARTS_MAX} phần); hãy chia nhỏ danh sách");
        let en = format!("unpacked the file is too large (more than {mib} MiB or {PARTS_MAX} parts); split the list");
        whole("FILE_TOO_LARGE", vi, en)
    };
    if archive.len() > PARTS_MAX {
        return Err(too_large());
    }
    let mut left = UNPACKED_BYTES_MAX;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(broken)?;
        let size = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(broken)?;
        left = left.checked_sub(size).ok_or_else(too_large)?;
    }
    Ok(())
}

fn sheets(bytes: &[u8]) -> Result<Vec<Grid>, Flaw> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let names: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == calamine::SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let from_1904 = workbook.has_1904_epoch();
    let mut grids = Vec::new();
    for name in names {
        let regions = workbook.merge_cells_by_sheet_name(&name).map_err(broken)?;
        let merges = regions
            .into_iter()
            .map(|region| Merge {
                top: region.start.0,
                left: region.start.1,
                bottom: region.end.0,
                right: region.end.1,
            })
            .collect();
        let lines = lines(&mut workbook, &name)?;
        grids.push(Grid {
            sheet: Some(name),
            lines,
            merges,
            from_1904,
        });
    }
    Ok(grids)
}

fn lines(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Vec<Line>, Flaw> {
    let mut lines = std::collections::BTreeMap::<u32, Line>::new();
    let mut reader = workbook.worksheet_cells_reader(name).map_err(broken)?;
    while let Some(record) = reader.next_cell_with_formula_metadata().map_err(broken)? {
        let (row, column) = record.pos;
        let cell = match (record.formula.is_some(), cell(&record.value)) {
            (true, Some(Cell::Bad(bad))) => Some(Cell::Bad(bad)),
            (true, _) => Some(Cell::Bad(What::new(
                "FORMULA",
                "ô chứa công thức; hãy dán thành giá trị",
                "the cell holds a formula; paste it as a value",
            ))),
            (false, cell) => cell,
        };
        let Some(cell) = cell else { continue };
        if column >= COLUMNS_MAX {
            let vi = format!("{name}: quá {COLUMNS_MAX} cột; hãy xóa các cột thừa");
            return Err(whole(
                "TOO_MANY_COLUMNS",
                vi,
                format!("{name}: more than {COLUMNS_MAX} columns; delete the rest"),
            ));
        }
        let line = lines.entry(row).or_insert_with(|| Line { row, cells: Vec::new() });
        if line.cells.last().is_none_or(|(last, _)| *last < column) {
            line.cells.push((column, cell));
        } else if let Err(at) = line.cells.binary_search_by_key(&column, |(column, _)| *column) {
            line.cells.insert(at, (column, cell));
        }
        if lines.len() > ROWS_MAX {
            let vi = format!("{name}: quá {ROWS_MAX} dòng; hãy chia nhỏ danh sách");
            return Err(whole(
                "TOO_MANY_ROWS",
                vi,
                format!("{name}: more than {ROWS_MAX} rows; split the list"),
            ));
        }
    }
    Ok(lines.into_values().collect())
}

fn cell(value: &DataRef<'_>) -> Option<Cell> {
    Some(match value {
        DataRef::Empty => return None,
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) | DataRef::DurationIso(text) => return Cell::of_text(text),
        DataRef::SharedString(text) => return Cell::of_text(text),
        DataRef::Bool(flag) => Cell::Flag(*flag),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            time::Month::try_from(month)
                .ok()
                .and_then(|month| Date::from_calendar_date(i32::from(year), month, day).ok())
                .map_or_else(|| Cell::Number(moment.as_f64()), Cell::Day)
        }
        DataRef::DateTime(moment) => Cell::Number(moment.as_f64()),
        DataRef::DateTimeIso(text) => return Cell::of_text(text.split('T').next().unwrap_or(text)),
        DataRef::Error(error) => Cell::Bad(What::new(
            "ERROR_CELL",
            format!("ô có lỗi {error}; hãy sửa"),
            format!("the cell holds the error {error}; correct it"),
        )),
    })
}

/// The day of a serial number, where it is a likely one: 1920 to 2120.
pub(crate) fn day_of_serial(serial: f64, from_1904: bool) -> Option<Date> {
    let epoch = if from_1904 {
        date!(1904 - 01 - 01)
    } else {
        date!(1899 - 12 - 30)
    };
    if serial.fract() != 0.0 || !(5_000.0..100_000.0).contains(&serial) {
        return None;
    }
    let day = epoch.checked_add(Duration::days(serial as i64))?;
    (1920..=2120).contains(&day.year()).then_some(day)
}
