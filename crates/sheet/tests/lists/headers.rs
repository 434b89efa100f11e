//! Headers and cells however they are written.

use law::{CandidateKind, Law, Rating};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use sheet::Report;
use time::macros::date;

use crate::{bytes, common, read, told, workbook};

#[test]
fn a_header_is_found_however_it_is_written() {
    // In NFD, with line breaks, in capitals, in another order, below titles.
    let decomposed = "Ho\u{323} va\u{300} te\u{302}n";
    let rows: &[&[&str]] = &[
        &["SỞ NỘI VỤ", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        &[],
        &[
            "XẾP LOẠI\nnăm 2024",
            "Số định danh /\nCCCD",
            decomposed,
            "  GIỚI   TÍNH ",
            "stt",
            "Màu áo",
        ],
        &["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
        &["HTT", "999000000001", "Nguye\u{302}\u{303}n Văn Mẫu", "nữ", "1", "xanh"],
        &["", "", "Cộng:", "", "", ""],
        &["", "", "Người lập biểu", "Thủ trưởng", "", ""],
    ];
    let list = read(&bytes(workbook(rows)), &common()).expect("a list");
    assert_eq!(list.flaws, []);
    let [row] = list.rows.as_slice() else {
        panic!("{:?}", list.rows)
    };
    assert_eq!(row.flaws, []);
    let dossier = row.dossier.as_ref().expect("a dossier");
    assert_eq!(dossier.candidate.name, "Nguyễn Văn Mẫu");
    assert_eq!(dossier.candidate.kind, CandidateKind::Individual);
    assert_eq!(dossier.candidate.sex, Some(law::Sex::Female));
    assert_eq!(dossier.record.ratings[0].rating, Rating::HoanThanhTot);
    assert_eq!(
        (dossier.achievement.from, dossier.achievement.to),
        (date!(2024 - 01 - 01), date!(2024 - 12 - 31))
    );
    assert_eq!(list.unread[0].text, "Màu áo");
    assert_eq!(list.skipped.len(), 2);
}

#[test]
fn merged_headers_and_merged_cells_say_what_they_show() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    for (column, heading) in [(0, "TT"), (1, "Họ và tên"), (2, "Đơn vị")] {
        sheet
            .merge_range(0, column, 1, column, heading, &plain)
            .expect("a heading");
    }
    sheet
        .merge_range(0, 3, 0, 4, "Mức độ hoàn thành nhiệm vụ", &plain)
        .expect("a heading");
    sheet.write(1, 3, "Năm 2023").expect("a cell");
    sheet.write(1, 4, 2024).expect("a cell");
    sheet
        .merge_range(2, 2, 3, 2, "so-noi-vu-hung-yen", &plain)
        .expect("a region");
    for row in [2, 3] {
        sheet.write(row, 0, row - 1).expect("a cell");
        sheet.write(row, 1, format!("Mẫu {row}")).expect("a cell");
        sheet.write(row, 3, "HTT").expect("a cell");
        sheet.write(row, 4, "HTXS").expect("a cell");
    }
    let list = read(&bytes(book), &common()).expect("a list");
    assert_eq!(list.rows.len(), 2, "{:?}", list.skipped);
    for row in &list.rows {
        assert_eq!(row.flaws, []);
        let dossier = row.dossier.as_ref().expect("a dossier");
        assert_eq!(dossier.candidate.agency, "so-noi-vu-hung-yen");
        let years: Vec<i32> = dossier.record.ratings.iter().map(|rating| rating.year).collect();
        assert_eq!(years, [2023, 2024]);
    }
}

#[test]
fn days_formulas_and_errors_are_told_by_their_cell() {
    let mut book = workbook(&[
        &["Họ và tên", "Ngày vào cơ quan", "Năm sinh", "Dân tộc"],
        &["Mẫu 1"],
        &["Mẫu 2"],
        &["Mẫu 3"],
    ]);
    let sheet = book.worksheet_from_index(0).expect("the sheet");
    let day = Format::new().set_num_format("dd/mm/yyyy");
    sheet
        .write_with_format(1, 1, ExcelDateTime::from_ymd(2010, 3, 1).expect("a day"), &day)
        .expect("a cell");
    sheet.write(1, 2, 1980).expect("a cell");
    sheet.write(2, 1, 40238).expect("a cell");
    sheet
        .write_formula(2, 2, Formula::new("=1900+80").set_result("1980"))
        .expect("a cell");
    sheet.write(3, 1, "mai").expect("a cell");
    sheet
        .write_formula(3, 3, Formula::new("=1/0").set_result("#DIV/0!"))
        .expect("a cell");
    let list = read(&bytes(book), &common()).expect("a list");
    let hired = |row: usize| {
        list.rows[row]
            .dossier
            .as_ref()
            .and_then(|dossier| dossier.record.hired_on)
    };
    assert_eq!(hired(0), Some(date!(2010 - 03 - 01)));
    let told = told(list.rows.iter().flat_map(|row| &row.flaws));
    assert_eq!(told[0], ("Sheet1!C3", "FORMULA"));
    assert!(told.contains(&("Sheet1!B4", "UNREADABLE_DATE")), "{told:?}");
    assert!(told.iter().any(|(at, _)| *at == "Sheet1!D4"), "{told:?}");
}

#[test]
fn a_column_that_holds_two_things_or_stands_twice_is_an_error_of_the_header() {
    let rows: &[&[&str]] = &[
        &["Họ và tên", "Giới tính / Năm sinh", "Dân tộc", "Năm sinh", "Năm sinh"],
        &["Mẫu", "x", "Kinh", "1980", "1981"],
    ];
    let list = read(&bytes(workbook(rows)), &common()).expect("a list");
    assert_eq!(
        told(&list.flaws),
        [("Sheet1!B1", "AMBIGUOUS_HEADER"), ("Sheet1!E1", "DUPLICATE_COLUMN")]
    );
    assert!(!Report::new(&[list], Law::embedded(), false).is_good());
}
