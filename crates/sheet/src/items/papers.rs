//! Papers that go with a dossier.

use law::Document;

use super::{decision::decision, items, parted, unreadable};
use crate::{flaw::What, fold::fold, names::Names, values};

/// A paper's cell: a mark, a number, or a number and a day. `None`: there is none.
pub(crate) fn paper(kind: &str, text: &str) -> Result<Option<Document>, What> {
    if values::is_none(text) || fold(text) == "0" {
        return Ok(None);
    }
    let mut document = Document {
        kind: kind.to_owned(),
        file: None,
        number: None,
        date: None,
        sha256: None,
    };
    if !values::is_mark(text) && !matches!(text, "✓" | "✔") {
        let read = decision(text);
        let told = || {
            unreadable(
                text,
                "hãy ghi “x”, hoặc số và ngày của giấy tờ",
                "write “x”, or the paper's number and day",
            )
        };
        let read = read.ok_or_else(told)?;
        (document.number, document.date) = (read.number, read.date);
    }
    Ok(Some(document))
}

/// `bao-cao-thanh-tich; y-kien-cap-uy (3/TB ngày 05/01/2025)`.
pub(crate) fn papers(text: &str, names: &Names) -> Result<Vec<Document>, What> {
    let mut found = Vec::new();
    for item in items(text) {
        let (named, details) = parted(&item);
        let kind = names
            .paper(named)
            .ok_or_else(|| unreadable(&item, "không có loại giấy tờ này", "there is no such kind of paper"))?;
        let details = if details.is_empty() { "x" } else { details };
        found.extend(paper(kind, details)?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{super::test_names, *};

    #[test]
    fn papers_are_marked_or_numbered() {
        let read = papers(
            "bao-cao-thanh-tich; Ý kiến của cấp ủy quản lý (3/TB ngày 05/01/2025)",
            &test_names(),
        );
        let read = read.expect("papers");
        assert_eq!(
            (read[1].kind.as_str(), read[1].number.as_deref()),
            ("y-kien-cap-uy", Some("3/TB"))
        );
        assert_eq!(paper("to-trinh", "không").expect("none"), None);
    }
}
