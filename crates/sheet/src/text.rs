//! CSV files, and tables that a spreadsheet program wrote as text.

use csv::ReaderBuilder;

use crate::{
    flaw::{Flaw, What},
    grid::{COLUMNS_MAX, Cell, Grid, Line, ROWS_MAX},
};

/// What separates cells. Which one a file uses is decided by the header that it gives.
pub(crate) const SEPARATORS: [u8; 3] = [b';', b',', b'\t'];

/// The text of a file: UTF-8 with or without a mark, or UTF-16 with one.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, Flaw> {
    let wide = |pair: fn([u8; 2]) -> u16| -> Option<String> {
        let units: Vec<u16> = bytes[2..]
            .chunks(2)
            .map(|two| pair([two[0], *two.get(1).unwrap_or(&0)]))
            .collect();
        String::from_utf16(&units).ok()
    };
    let text = match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(str::to_owned),
        all => std::str::from_utf8(all).ok().map(str::to_owned),
    };
    text.filter(|text| !text.contains('\0')).ok_or_else(|| {
        Flaw::new(
            "",
            What::new(
                "NOT_UTF8",
                "không phải là tệp XLSX, cũng không phải là văn bản UTF-8; hãy lưu thành “CSV UTF-8” hoặc .xlsx",
                "neither an XLSX file nor text in UTF-8; save it as “CSV UTF-8” or .xlsx",
            ),
        )
    })
}

/// The table that a separator gives.
pub(crate) fn read(text: &str, separator: u8) -> Result<Grid, Flaw> {
    let whole = |reason, vi: String, en: String| Flaw::new("", What::new(reason, vi, en));
    // A hint that spreadsheet programs put on the first line.
    let hinted = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep="));
    let (skipped, body) = match text.split_once('\n') {
        Some((_, body)) if hinted => (1, body),
        _ => (0, text),
    };
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(body.as_bytes());
    let mut row: u32 = skipped;
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            whole(
                "BROKEN_FILE",
                format!("tệp CSV không đọc được: {error}"),
                format!("the CSV file cannot be read: {error}"),
            )
        })?;
        // The reader passes over empty lines, which a spreadsheet counts.
        let start = record.position().map_or(0, |at| at.byte() as usize);
        let between = body.get(start..).unwrap_or_default();
        // Of a line end of two characters the second is still to come.
        let halved = start > 0 && body.as_bytes()[start - 1] == b'\r';
        let blank = between.strip_prefix('\n').filter(|_| halved).unwrap_or(between).bytes();
        row += blank
            .take_while(|b| matches!(b, b'\n' | b'\r'))
            .filter(|b| *b == b'\n')
            .count() as u32;
        if record.len() > COLUMNS_MAX as usize {
            let vi = format!("dòng {} có quá {COLUMNS_MAX} cột", row + 1);
            return Err(whole(
                "TOO_MANY_COLUMNS",
                vi,
                format!("row {} has more than {COLUMNS_MAX} columns", row + 1),
            ));
        }
        let cells: Vec<(u32, Cell)> = record
            .iter()
            .enumerate()
            .filter_map(|(column, text)| Some((column as u32, Cell::of_text(text)?)))
            .collect();
        if !cells.is_empty() {
            lines.push(Line { row, cells });
        }
        if lines.len() > ROWS_MAX {
            let vi = format!("quá {ROWS_MAX} dòng; hãy chia nhỏ danh sách");
            return Err(whole(
                "TOO_MANY_ROWS",
                vi,
                format!("more than {ROWS_MAX} rows; split the list"),
            ));
        }
        row += 1;
    }
    Ok(Grid {
        sheet: None,
        lines,
        merges: Vec::new(),
        from_1904: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_as_a_spreadsheet_counts_them() {
        let grid = read("a;b\n\n\n\"c\nd\";e\r\n\r\nf;g", b';').expect("a table");
        let rows: Vec<u32> = grid.lines.iter().map(|line| line.row).collect();
        assert_eq!(rows, [0, 3, 5]);
        assert_eq!(grid.lines[1].text(0).as_deref(), Some("c\nd"));
    }

    #[test]
    fn marks_and_hints_are_no_content() {
        let marked = decode("\u{feff}sep=;\nHọ và tên;x".as_bytes()).expect("text");
        let grid = read(&marked, b';').expect("a table");
        assert_eq!(
            (grid.lines[0].row, grid.lines[0].text(0).as_deref()),
            (1, Some("Họ và tên"))
        );
        let mut wide = vec![0xff, 0xfe];
        wide.extend("Họ\tx".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(decode(&wide).expect("text"), "Họ\tx");
        assert_eq!(decode(&[b'H', 0xe1]).expect_err("not UTF-8").reason, "NOT_UTF8");
    }
}
