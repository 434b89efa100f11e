//! The sample lists: constructed persons, mechanical names, the same bytes every time.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};

/// Name and content of each list under `tests/lists/`.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("hai-nghin-ca-nhan.xlsx", persons()),
        ("hai-nghin-tap-the.csv", collectives()),
        ("loi-va-trung.xlsx", planted()),
        ("tuyen-bo.csv", other_line()),
    ]
}

fn workbook() -> Workbook {
    let mut workbook = Workbook::new();
    let day = ExcelDateTime::from_ymd(2025, 1, 1).expect("a day");
    workbook.set_properties(&DocProperties::new().set_author("vinhdanh").set_creation_datetime(&day));
    workbook
}

/// Twelve digits that belong to nobody: no province has the code 999.
fn number(person: u32) -> String {
    format!("999{person:09}")
}

/// 2,000 persons for two titles, with what an office puts above and below its list.
fn persons() -> Vec<u8> {
    const HEADER: [&str; 17] = [
        "TT",
        "Họ và tên",
        "Số CCCD",
        "Giới tính",
        "Ngày sinh",
        "Dân tộc",
        "Chức vụ",
        "Nghề nghiệp",
        "Đơn vị công tác",
        "Danh hiệu đề nghị",
        "Loại hình",
        "Năm xét",
        "Tóm tắt thành tích",
        "Xếp loại",
        "Danh hiệu đã đạt",
        "Sáng kiến",
        "Báo cáo thành tích",
    ];
    let mut workbook = workbook();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let sheet = workbook.add_worksheet().set_name("Danh sách").expect("a name");
    let merged = Format::new().set_bold();
    sheet
        .merge_range(
            0,
            0,
            0,
            16,
            "DANH SÁCH ĐỀ NGHỊ TẶNG DANH HIỆU THI ĐUA NĂM 2024",
            &merged,
        )
        .expect("a title");
    let letter = "(Kèm theo Tờ trình số 15/TTr-SNV ngày 10 tháng 01 năm 2025 của Sở Nội vụ)";
    sheet.merge_range(1, 0, 1, 16, letter, &merged).expect("a title");
    sheet.write(2, 1, "Đơn vị trình:").expect("a cell");
    sheet.write(2, 2, "so-noi-vu-hung-yen").expect("a cell");
    for (column, heading) in (0..).zip(HEADER) {
        if column == 13 {
            sheet.write(4, column, heading).expect("a cell");
            sheet.write(5, column, 2024).expect("a cell");
        } else {
            sheet
                .merge_range(4, column, 5, column, heading, &merged)
                .expect("a heading");
        }
    }
    for person in 1..=2_000_u32 {
        let row = 5 + person;
        let fighter = person % 5 == 0;
        sheet.write(row, 0, person).expect("a cell");
        sheet
            .write(row, 1, format!("Nguyễn Văn Mẫu {person:04}"))
            .expect("a cell");
        sheet.write(row, 2, number(person)).expect("a cell");
        sheet
            .write(row, 3, if person % 2 == 0 { "Nữ" } else { "Nam" })
            .expect("a cell");
        let born = ExcelDateTime::from_ymd(
            1970 + (person % 25) as u16,
            1 + (person % 12) as u8,
            1 + (person % 28) as u8,
        );
        sheet
            .write_with_format(row, 4, born.expect("a day"), &day)
            .expect("a cell");
        sheet.write(row, 5, "Kinh").expect("a cell");
        sheet.write(row, 6, "Chuyên viên").expect("a cell");
        sheet.write(row, 7, "Công chức").expect("a cell");
        sheet.write(row, 8, "so-noi-vu-hung-yen").expect("a cell");
        sheet
            .write(row, 9, if fighter { "CSTĐCS" } else { "Lao động tiên tiến" })
            .expect("a cell");
        sheet.write(row, 10, "Công trạng").expect("a cell");
        sheet.write(row, 11, 2024).expect("a cell");
        sheet
            .write(row, 12, "Hoàn thành nhiệm vụ được giao (dữ liệu dựng).")
            .expect("a cell");
        sheet
            .write(row, 13, if fighter { "HTXS" } else { "HTT" })
            .expect("a cell");
        if fighter {
            sheet
                .write(row, 14, format!("LĐTT 2024 (QĐ {person}/QĐ-SNV ngày 05/01/2025)"))
                .expect("a cell");
            let work = format!("Cải tiến {person:04} (2024, cấp cơ sở, QĐ {person}/QĐ-SK)");
            sheet.write(row, 15, work).expect("a cell");
        }
        sheet.write(row, 16, "x").expect("a cell");
    }
    sheet.write(2_006, 1, "Tổng cộng").expect("a cell");
    sheet.write_formula(2_006, 11, "=COUNTA(B7:B2006)").expect("a cell");
    sheet.write(2_008, 1, "NGƯỜI LẬP BIỂU").expect("a cell");
    sheet.write(2_008, 8, "GIÁM ĐỐC").expect("a cell");
    workbook.save_to_buffer().expect("a workbook")
}

/// 2,000 collectives as text, with a mark, semicolons, and columns in another order.
fn collectives() -> Vec<u8> {
    let mut text =
        String::from("\u{feff}DANH SÁCH TẬP THỂ ĐỀ NGHỊ TẶNG TẬP THỂ LAO ĐỘNG TIÊN TIẾN NĂM 2024;;;;;;;;;;\r\n");
    text.push_str("Đơn vị trình:;vu-thong-tin-vpqh;;;;;;;;;\r\nTờ trình số:;07/TTr-VTT;;;Ngày tờ trình:;08/01/2025;;;;;\r\n;;;;;;;;;;\r\n");
    text.push_str(
        "STT;Danh hiệu, hình thức;TÊN TẬP THỂ;Mã số;Năm xét;\"Số\nthành viên\";Số LĐTT;Số người hoàn thành nhiệm vụ trở lên;\
         Xếp loại năm 2024;Kỷ luật trong tập thể;\"Thành tích (tóm tắt)\";Giấy tờ kèm theo\r\n",
    );
    for unit in 1..=2_000_u32 {
        let members = 8 + unit % 20;
        let line = format!(
            "{unit};TTLĐTT;Tập thể Mẫu {unit:04};TT-{unit:05};2024;{members};{titles};{members};HTT;Không;\"Hoàn thành kế hoạch; đoàn kết\";\
             bao-cao-thanh-tich\r\n",
            titles = members - members / 5,
        );
        text.push_str(&line);
    }
    text.push_str(";;Tổng số;;;;;;;;;\r\n");
    text.into_bytes()
}

/// A short list with one of each: what an office gets wrong, and who stands in it twice.
fn planted() -> Vec<u8> {
    const HEADER: [&str; 14] = [
        "STT",
        "Họ và tên",
        "Số định danh",
        "Giới tính",
        "Năm sinh",
        "Đơn vị",
        "Hình thức đề nghị",
        "Từ ngày",
        "Đến ngày",
        "Thành tích",
        "Xếp loại các năm",
        "Danh hiệu đã đạt",
        "Báo cáo thành tích",
        "Số nhà",
    ];
    let mut workbook = workbook();
    let sheet = workbook.add_worksheet().set_name("Sheet1").expect("a name");
    sheet
        .write(0, 0, "Tờ trình số: 210/TTr-UBND ngày 15/09/2025")
        .expect("a cell");
    sheet.write(1, 0, "Đơn vị trình: UBND tỉnh Hưng Yên").expect("a cell");
    for (column, heading) in (0..).zip(HEADER) {
        sheet.write(2, column, heading).expect("a cell");
    }
    // Name, number, sex, year, agency, award, from, to, rating, earlier awards.
    let held = "BK TTg (119/QĐ-TTg ngày 20/12/2019); CSTĐCS 2021, 2022, 2024";
    let rows: [[&str; 10]; 16] = [
        [
            "Mẫu Tốt",
            "999000000001",
            "Nam",
            "1970",
            "so-noi-vu-hung-yen",
            "HCLĐ hạng Ba",
            "01/01/2020",
            "31/12/2024",
            "2020-2024: HTT",
            held,
        ],
        [
            "Mẫu Trùng Một",
            "999000000002",
            "Nữ",
            "1971",
            "so-noi-vu-hung-yen",
            "BK TTg",
            "01/01/2020",
            "31/12/2024",
            "2020-2024: HTXS",
            "",
        ],
        [
            "Mẫu Trùng Một",
            "999 000 000 002",
            "Nữ",
            "1971",
            "so-noi-vu-hung-yen",
            "Bằng khen của Thủ tướng Chính phủ",
            "01/01/2020",
            "31/12/2024",
            "2020-2024: HTXS",
            "",
        ],
        [
            "Mẫu Cùng Tên",
            "999000000004",
            "Nam",
            "1972",
            "so-noi-vu-hung-yen",
            "BK TTg",
            "01/01/2020",
            "31/12/2024",
            "2020-2024: HTXS",
            "",
        ],
        [
            "Mẫu Cùng Tên",
            "999000000005",
            "Nam",
            "1980",
            "so-noi-vu-hung-yen",
            "BK TTg",
            "01/01/2020",
            "31/12/2024",
            "2020-2024: HTXS",
            "",
        ],
        [
            "Mẫu Không Số",
            "",
            "Nam",
            "1973",
            "so-noi-vu-hung-yen",
            "BK TTg",
            "01/01/2020",
            "31/12/2024",
            "2020-2024: HTXS",
            "",
        ],
        [
            "Mẫu Không Số",
            "",
            "Nam",
            "1973",
            "so-noi-vu-hung-yen",
            "BK TTg",
            "01/01/2020",
            "31/12/2024",
            "2020-2024: HTXS",
            "",
        ],
        [
            "Mẫu Sai Ngày",
            "999000000006",
            "Nam",
            "1974",
            "so-noi-vu-hung-yen",
            "BK TTg",
            "31/02/2020",
            "31/12/2024",
            "2020-2024: HTXS",
            "",
        ],
        [
            "Mẫu Sai Danh Hiệu",
            "999000000007",
            "Nam",
            "1975",
            "so-noi-vu-hung-yen",
            "Bằng khen Thủ tướngg",
            "01/01/2020",
            "31/12/2024",
            "2020-2024: HTXS",
            "",
        ],
        [
            "Mẫu Chưa Rõ",
            "999000000008",
            "Nam",
            "1976",
            "so-noi-vu-hung-yen",
            "Bằng khen",
            "01/01/2020",
            "31/12/2024",
            "2020-2024: HTXS",
            "",
        ],
        [
            "Mẫu Sai Xếp Loại",
            "999000000009",
            "Nam",
            "1977",
            "so-noi-vu-hung-yen",
            "BK TTg",
            "01/01/2020",
            "31/12/2024",
            "2024: A",
            "",
        ],
        [
            "Mẫu Mất Số",
            "1090123456",
            "Nam",
            "1978",
            "so-noi-vu-hung-yen",
            "BK TTg",
            "01/01/2020",
            "31/12/2024",
            "2020-2024: HTXS",
            "",
        ],
        [
            "Mẫu Ngược Ngày",
            "999000000011",
            "Nam",
            "1979",
            "so-noi-vu-hung-yen",
            "BK TTg",
            "31/12/2024",
            "01/01/2020",
            "2020-2024: HTXS",
            "",
        ],
        [
            "Mẫu Sai Đơn Vị",
            "999000000012",
            "Nam",
            "1980",
            "Sở Không Có",
            "BK TTg",
            "01/01/2020",
            "31/12/2024",
            "2020-2024: HTXS",
            "CSTĐCS",
        ],
        [
            "Mẫu Hai Tên",
            "999000000004",
            "Nam",
            "1981",
            "so-noi-vu-hung-yen",
            "BK TTg",
            "01/01/2020",
            "31/12/2024",
            "2020-2024: HTXS",
            "",
        ],
        [
            "Mẫu Hai Tuyến",
            "999000000013",
            "Nữ",
            "1982",
            "so-noi-vu-hung-yen",
            "HCLĐ hạng Ba",
            "01/01/2020",
            "31/12/2024",
            "2020-2024: HTXS",
            held,
        ],
    ];
    for (at, row) in (0..).zip(&rows) {
        sheet.write(3 + at, 0, at + 1).expect("a cell");
        for (cell, column) in row.iter().zip([1, 2, 3, 4, 5, 6, 7, 8, 10, 11]) {
            sheet.write(3 + at, column, *cell).expect("a cell");
        }
        sheet.write(3 + at, 9, "Thành tích (dữ liệu dựng).").expect("a cell");
        sheet.write(3 + at, 12, "x").expect("a cell");
    }
    // A formula and an error where a value belongs.
    sheet.write(19, 0, 17).expect("a cell");
    sheet.write(19, 1, "Mẫu Công Thức").expect("a cell");
    sheet.write_formula(19, 4, "=1900+80").expect("a cell");
    sheet.write(19, 6, "BK TTg").expect("a cell");
    sheet.write(20, 1, "Tổng cộng: 17").expect("a cell");
    workbook.save_to_buffer().expect("a workbook")
}

/// The ministry's line: one person whom the province proposes too, for another state-level form.
fn other_line() -> Vec<u8> {
    "Cơ quan trình: bo-noi-vu\n\"Số tờ trình: 99/TTr-BNV, ngày 16/09/2025\"\nHọ và tên,CCCD,Đơn vị,Hình thức khen thưởng,Giai đoạn,Thành tích\n\
     Mẫu Hai Tuyến,999000000013,so-noi-vu-hung-yen,Bằng khen của Thủ tướng Chính phủ,2020-2024,Thành tích (dữ liệu dựng).\n\
     Mẫu Riêng,999000000014,so-noi-vu-hung-yen,Bằng khen của Thủ tướng Chính phủ,2020-2024,Thành tích (dữ liệu dựng).\n"
        .as_bytes()
        .to_vec()
}
