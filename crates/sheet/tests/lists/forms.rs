//! The form of each award, filled in.

use law::{CandidateKind, Law};
use rust_xlsxwriter::Workbook;
use sheet::{Common, template};

use crate::{bytes, read};

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
