//! Lists as offices have them: the ones that are shipped, forms that were filled in, and files that are broken.

mod constructed;

use std::{path::Path, sync::LazyLock};

use law::{Agencies, CandidateKind, Law, Rating};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use sheet::{Common, Flaw, Held, List, Reader, Report, template};
use time::macros::date;

fn read(bytes: &[u8], common: &Common) -> Result<List, Flaw> {
    static AGENCIES: LazyLock<Agencies> = LazyLock::new(Agencies::embedded);
    static READER: LazyLock<Reader<'static>> =
        LazyLock::new(|| Reader::new(Law::embedded(), &AGENCIES, date!(2026 - 11 - 22)));
    READER.read("list", bytes, common, None, &mut |_| {})
}

fn common() -> Common {
    Common {
        award: Some("LĐTT".to_owned()),
        award_year: Some(2024),
        submitting_agency: Some("so-noi-vu-hung-yen".to_owned()),
        letter_number: Some("1/TTr".to_owned()),
        letter_date: Some(date!(2025 - 01 - 10)),
        ..Common::default()
    }
}

/// A sheet of texts.
fn workbook(rows: &[&[&str]]) -> Workbook {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (r, row) in (0..).zip(rows) {
        for (c, text) in (0..).zip(*row) {
            sheet.write(r, c, *text).expect("a cell");
        }
    }
    workbook
}

fn bytes(mut workbook: Workbook) -> Vec<u8> {
    workbook.save_to_buffer().expect("a workbook")
}

#[test]
fn the_shipped_lists_are_the_constructed_ones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/lists");
    for (name, wanted) in constructed::all() {
        let shipped = std::fs::read(folder.join(name)).expect("a list");
        assert!(
            shipped == wanted,
            "{name}: run `cargo run -p sheet --example constructed -- tests/lists`"
        );
    }
}

#[test]
fn two_thousand_rows_read_without_an_error() {
    for (name, content) in constructed::all().into_iter().take(2) {
        let list = read(&content, &Common::default()).expect(name);
        assert_eq!(
            (list.rows.len(), list.flaws.as_slice()),
            (2_000, [].as_slice()),
            "{name}"
        );
        for row in &list.rows {
            assert_eq!(row.flaws, [], "{name} {}", row.at);
            assert!(row.check.is_some(), "{name} {}", row.at);
        }
        assert_eq!(list.unread, [], "{name}");
        assert!(!list.skipped.is_empty(), "sums and notes are told");
    }
}

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
    let told: Vec<(&str, &str)> = list
        .rows
        .iter()
        .flat_map(|row| &row.flaws)
        .map(|f| (f.at.as_str(), f.reason))
        .collect();
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
    let told: Vec<(&str, &str)> = list.flaws.iter().map(|f| (f.at.as_str(), f.reason)).collect();
    assert_eq!(
        told,
        [("Sheet1!B1", "AMBIGUOUS_HEADER"), ("Sheet1!E1", "DUPLICATE_COLUMN")]
    );
    assert!(!Report::new(&[list], Law::embedded(), false).is_good());
}

#[test]
fn planted_errors_and_duplicates_are_found_and_nothing_else() {
    let lists: Vec<List> = constructed::all()
        .into_iter()
        .skip(2)
        .map(|(name, content)| {
            let mut list = read(&content, &Common::default()).expect(name);
            name.clone_into(&mut list.file);
            list
        })
        .collect();
    let report = Report::new(&lists, Law::embedded(), true);
    let errors: Vec<(String, &str)> = report
        .rows
        .iter()
        .flat_map(|row| &row.errors)
        .map(|f| (f.at.clone(), f.reason))
        .collect();
    let wanted = [
        ("Sheet1!H11", "UNREADABLE_DATE"),
        ("Sheet1!G12", "UNKNOWN_AWARD"),
        ("Sheet1!G13", "AMBIGUOUS_AWARD"),
        ("Sheet1!K14", "UNREADABLE_ITEM"),
        ("Sheet1!C15", "NUMBER_CUT"),
        ("Sheet1!I16", "DATES_INVERTED"),
        ("Sheet1!F17", "UNKNOWN_AGENCY"),
        ("Sheet1!L17", "UNREADABLE_ITEM"),
        ("Sheet1!F20", "MISSING_AGENCY"),
        ("Sheet1!E20", "FORMULA"),
        ("Sheet1!H20", "MISSING_PERIOD"),
    ];
    assert_eq!(errors, wanted.map(|(at, reason)| (at.to_owned(), reason)));
    let pairs: Vec<String> = report
        .duplicates
        .iter()
        .map(|d| {
            format!(
                "{:?} {} {} / {} {}",
                d.kind, d.first.file, d.first.at, d.second.file, d.second.at
            )
        })
        .collect();
    assert_eq!(
        pairs,
        [
            "SameAward loi-va-trung.xlsx Sheet1!C5 / loi-va-trung.xlsx Sheet1!C6",
            "TwoNames loi-va-trung.xlsx Sheet1!C7 / loi-va-trung.xlsx Sheet1!C18",
            "TwoStateForms loi-va-trung.xlsx Sheet1!C19 / tuyen-bo.csv B4",
        ]
    );
    assert_eq!(
        report.unchecked,
        ["loi-va-trung.xlsx: Sheet1!C9", "loi-va-trung.xlsx: Sheet1!C10"]
    );
    let good: Vec<&str> = report
        .rows
        .iter()
        .filter(|row| row.held.is_none())
        .map(|row| row.candidate.as_str())
        .collect();
    assert_eq!(
        good,
        ["Mẫu Tốt", "Mẫu Cùng Tên", "Mẫu Không Số", "Mẫu Không Số", "Mẫu Riêng"]
    );
    assert_eq!(
        report
            .rows
            .iter()
            .filter(|row| row.held == Some(Held::Duplicate))
            .count(),
        6
    );
    // The report is a list that spreadsheet programs open.
    assert!(report.to_xlsx().expect("a workbook").starts_with(b"PK"));
    let text = String::from_utf8(report.to_csv()).expect("UTF-8");
    assert_eq!(text.matches("Mẫu Hai Tuyến").count(), 2);
}

#[test]
fn every_form_that_is_filled_in_imports() {
    let law = Law::embedded();
    for award in law.awards("law-2022") {
        let form = template(law, &award.code, "law-2022", 2024).expect("a form");
        let filled = fill(
            &form,
            award.takes(CandidateKind::Individual),
            award.takes(CandidateKind::Collective),
        );
        let list = read(&filled, &Common::default()).unwrap_or_else(|flaw| panic!("{}: {flaw}", award.code));
        assert_eq!(list.flaws, [], "{}", award.code);
        assert_eq!(list.unread, [], "{}", award.code);
        let [row] = list.rows.as_slice() else {
            panic!("{}: {} rows", award.code, list.rows.len())
        };
        // A department's list is no place for some of them, which is for the law to say and not for the reader.
        match row.flaws.as_slice() {
            [] => assert_eq!(row.dossier.as_ref().map(|dossier| &dossier.award), Some(&award.code)),
            [flaw] => assert_eq!(flaw.reason, "NO_AUTHORITY", "{}: {flaw}", award.code),
            flaws => panic!("{}: {flaws:?}", award.code),
        }
    }
}

/// What a clerk does with a form: writes beside the labels and below the header. The writer cannot open a workbook, so
/// the form's cells are written anew.
fn fill(form: &[u8], person: bool, group: bool) -> Vec<u8> {
    use calamine::{Data, Reader as _, Xlsx};
    let mut opened: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(form)).expect("a workbook");
    let range = opened.worksheet_range("Danh sách").expect("the list");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let (rows, columns) = range.get_size();
    assert_eq!(rows, 10, "the header is the last row of the form");
    for (r, c, cell) in range.used_cells() {
        let Data::String(text) = cell else { continue };
        sheet.write(r as u32, c as u16, text).expect("a cell");
        match text.as_str() {
            "Đơn vị trình:" => sheet.write(r as u32, 3, "so-noi-vu-hung-yen").expect("a cell"),
            "Tờ trình số:" => sheet.write(r as u32, 3, "12/TTr-SNV").expect("a cell"),
            "Ngày tờ trình:" => sheet.write(r as u32, 3, "10/01/2025").expect("a cell"),
            _ => continue,
        };
    }
    for c in 0..columns {
        let Some(Data::String(heading)) = range.get((9, c)) else {
            continue;
        };
        let value = match heading.as_str() {
            "STT" | "Xếp hạng cụm, khối" => "1",
            "Họ và tên" | "Tên tập thể" | "Họ và tên / Tên tập thể" => "Mẫu",
            "Số định danh / CCCD" => "999000000001",
            "Loại đối tượng" if person => "Cá nhân",
            "Loại đối tượng" if group => "Tập thể",
            "Loại đối tượng" => "Hộ gia đình",
            "Giới tính" => "Nữ",
            "Năm sinh" => "1980",
            "Nghề nghiệp / đối tượng" => "Công chức",
            "Ngày vào cơ quan" => "01/03/2005",
            "Đơn vị / Mã cơ quan" => "so-noi-vu-hung-yen",
            "Loại hình" => "Công trạng",
            "Năm xét" => "2024",
            "Từ ngày" => "01/01/2020",
            "Đến ngày" => "31/12/2024",
            "Danh hiệu, hình thức đã được tặng" => {
                "CSTĐCS 2023 (QĐ 12/QĐ-UBND ngày 05/01/2024); LĐTT 2024"
            }
            "Sáng kiến" | "Đề tài" => "Số hóa hồ sơ (2023, cấp cơ sở, QĐ 12/QĐ-SNV)",
            "Chức vụ đã giữ" => "giam-doc-so từ 01/01/2015 đến 31/12/2020",
            "Kỷ luật" => "Khiển trách 01/02/2013 (hết 01/02/2014)",
            "Kỷ luật trong tập thể" => "Khiển trách",
            "Cấp cụm, khối" => "Bộ, ngành, tỉnh",
            "Số thành viên" => "20",
            heading if heading.starts_with("Xếp loại") => "HTXS",
            heading if heading.starts_with("Số ") => "5",
            _ => "x",
        };
        sheet.write(10, c as u16, value).expect("a cell");
    }
    bytes(book)
}

#[test]
fn a_file_that_is_no_list_says_why() {
    let empty = bytes(workbook(&[&["Báo cáo"], &["không có danh sách"]]));
    let whole = bytes(workbook(&[
        &["Họ và tên", "Giới tính", "Năm sinh"],
        &["Mẫu", "Nam", "1980"],
    ]));
    for (content, reason) in [
        (empty.as_slice(), "NO_HEADER"),
        (b"".as_slice(), "NO_HEADER"),
        (b"\xd0\xcf\x11\xe0old".as_slice(), "NOT_XLSX"),
        (b"\xff\xd8\xff\xe0picture".as_slice(), "NOT_UTF8"),
        (&whole[..whole.len() / 2], "BROKEN_FILE"),
        (b"PK\x03\x04".as_slice(), "BROKEN_FILE"),
    ] {
        assert_eq!(read(content, &common()).expect_err(reason).reason, reason);
    }
    let long = vec![b'x'; (32 << 20) + 1];
    assert_eq!(read(&long, &common()).expect_err("too large").reason, "FILE_TOO_LARGE");
    let mut many = "Họ và tên;Giới tính;Năm sinh\n".to_owned();
    many.push_str(&"Mẫu;Nam;1980\n".repeat(20_001));
    assert_eq!(
        read(many.as_bytes(), &common()).expect_err("too many rows").reason,
        "TOO_MANY_ROWS"
    );
    let wide = format!(
        "Họ và tên;Giới tính;Năm sinh;Thành tích\nMẫu;Nam;1980;{}\n",
        "x".repeat(20_001)
    );
    let list = read(wide.as_bytes(), &common()).expect("a list");
    assert_eq!(
        (list.rows[0].flaws[0].at.as_str(), list.rows[0].flaws[0].reason),
        ("D2", "CELL_TOO_LONG")
    );
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_unpacked() {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive
        .start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default())
        .expect("a part");
    let zeros = vec![0_u8; 1 << 20];
    for _ in 0..300 {
        archive.write_all(&zeros).expect("written");
    }
    let bomb = archive.finish().expect("an archive").into_inner();
    assert!(bomb.len() < 4 << 20, "{} bytes", bomb.len());
    assert_eq!(read(&bomb, &common()).expect_err("a bomb").reason, "FILE_TOO_LARGE");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_bytes_give_an_error_or_a_list_but_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), zipped in any::<bool>()) {
        let bytes = if zipped { [b"PK\x03\x04".as_slice(), &bytes].concat() } else { bytes };
        let _ = read(&bytes, &common());
    }

    #[test]
    fn a_list_with_a_few_wrong_bytes_gives_no_panic(places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        static PLANTED: LazyLock<Vec<u8>> = LazyLock::new(|| constructed::all().swap_remove(2).1);
        let mut bytes = PLANTED.clone();
        for (place, byte) in places {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read(&bytes, &common());
    }

    #[test]
    fn any_text_in_any_cell_gives_no_panic(cells in proptest::collection::vec("[ -~À-ỹ0-9();:/\\-]{0,24}", 24)) {
        let header = "STT\tHọ và tên\tCCCD\tGiới tính\tNgày sinh\tDanh hiệu đề nghị\tTừ ngày\tĐến ngày\tXếp loại\tDanh hiệu đã đạt\tSáng kiến\tKỷ luật\n";
        let rows: Vec<String> = cells.chunks(12).map(|row| row.join("\t")).collect();
        let _ = read(format!("{header}{}", rows.join("\n")).as_bytes(), &common());
    }
}
