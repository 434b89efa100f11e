//! Files that are no lists, and lists with anything at all in them.

use std::sync::LazyLock;

use proptest::prelude::*;

use crate::{bytes, common, constructed, read, told, workbook};

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
    assert_eq!(told(&list.rows[0].flaws)[0], ("D2", "CELL_TOO_LONG"));
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
