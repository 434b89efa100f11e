//! Lists as offices have them: the ones that are shipped, forms that were filled in, and files that are broken.

#[path = "../constructed/mod.rs"]
mod constructed;

mod broken;
mod forms;
mod headers;
mod shipped;

use std::sync::LazyLock;

use law::{Agencies, Law};
use rust_xlsxwriter::Workbook;
use sheet::{Common, Flaw, List, Reader};
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

/// Where each flaw is, and which.
fn told<'a>(flaws: impl IntoIterator<Item = &'a Flaw>) -> Vec<(&'a str, &'static str)> {
    let flaws = flaws.into_iter();
    flaws.map(|flaw| (flaw.at.as_str(), flaw.reason)).collect()
}
