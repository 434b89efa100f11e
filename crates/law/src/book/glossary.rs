//! The page of terms: one word for one thing, in both languages, as the code, the screens and the papers use them.

use std::fmt::Write as _;

use crate::{Level, Verdict};

use super::{
    Lang,
    page::{Book, table},
    terms,
};

/// English, Vietnamese.
const TERMS: [(&str, &str); 40] = [
    ("achievement report", "báo cáo thành tích"),
    ("agency", "cơ quan, đơn vị"),
    ("appraisal", "thẩm định"),
    ("authority to decide", "thẩm quyền quyết định"),
    ("award", "danh hiệu thi đua, hình thức khen thưởng"),
    ("ballot", "phiếu"),
    ("base salary", "lương cơ sở"),
    ("bloc, cluster", "khối, cụm thi đua"),
    ("bonus", "tiền thưởng"),
    ("candidate", "cá nhân, tập thể, hộ gia đình được đề nghị"),
    ("consultation", "hiệp y"),
    ("contribution (process of)", "quá trình cống hiến"),
    ("council", "Hội đồng Thi đua - Khen thưởng"),
    ("decision", "quyết định"),
    ("discipline", "kỷ luật"),
    ("dossier", "hồ sơ"),
    ("emulation movement", "phong trào thi đua"),
    ("extraordinary", "đột xuất"),
    ("foreign relations", "đối ngoại"),
    ("initiative", "sáng kiến"),
    ("letter (of submission)", "tờ trình"),
    ("level", "cấp"),
    ("merit", "công trạng"),
    ("minutes", "biên bản"),
    ("pledge", "giao ước thi đua"),
    ("publication for comment", "công khai, lấy ý kiến"),
    ("quorum", "số thành viên phải tham gia"),
    ("rating", "xếp loại mức độ hoàn thành nhiệm vụ"),
    ("registration", "đăng ký thi đua"),
    ("research", "đề tài, đề án khoa học"),
    ("rule set", "bộ quy định"),
    ("seniority", "niên hạn"),
    ("session", "phiên họp"),
    ("share", "tỷ lệ"),
    ("simplified procedure", "thủ tục đơn giản"),
    ("to forward", "trình cấp trên"),
    ("to present", "trao tặng"),
    ("to return for supplement", "trả lại để bổ sung"),
    ("to revoke", "hủy bỏ quyết định"),
    ("working day", "ngày làm việc"),
];

const VERDICTS: [(Verdict, &str); 5] = [
    (Verdict::OnHold, "a proceeding is open: the dossier waits"),
    (Verdict::NotEligible, "a criterion of the law is not met"),
    (Verdict::Incomplete, "a paper that is due is missing"),
    (Verdict::Undecided, "a person must answer first"),
    (Verdict::Eligible, "nothing stands against it"),
];

pub(super) fn page(book: Book<'_>) -> String {
    let mut rows: Vec<Vec<String>> = TERMS
        .iter()
        .map(|(en, vi)| match book.lang {
            Lang::Vi => vec![(*vi).to_owned(), (*en).to_owned()],
            Lang::En => vec![(*en).to_owned(), (*vi).to_owned()],
        })
        .collect();
    rows.sort();
    let pair = match book.lang {
        Lang::Vi => ["Tiếng Việt", "Tiếng Anh"],
        Lang::En => ["English", "Vietnamese"],
    };
    let mut text = format!("# {}\n\n{}\n", book.pick("Thuật ngữ", "Glossary"), table(&pair, &rows));
    let levels: Vec<Vec<String>> = Level::ALL
        .iter()
        .map(|level| {
            let (vi, en) = terms::level(*level);
            vec![format!("`{}`", level.as_str()), vi.to_owned(), en.to_owned()]
        })
        .collect();
    let verdicts: Vec<Vec<String>> = VERDICTS
        .iter()
        .map(|(verdict, en)| {
            vec![
                format!("`{}`", verdict.as_str()),
                verdict.name_vi().to_owned(),
                (*en).to_owned(),
            ]
        })
        .collect();
    let papers: Vec<Vec<String>> = book
        .tables
        .papers
        .document
        .iter()
        .map(|kind| vec![format!("`{}`", kind.code), kind.name_vi.clone(), kind.name_en.clone()])
        .collect();
    let head = [book.pick("Mã", "Code"), "Tiếng Việt", "English"];
    for (vi, en, rows) in [
        ("Cấp", "Levels", levels),
        ("Kết quả kiểm tra", "Verdicts", verdicts),
        ("Giấy tờ", "Papers", papers),
    ] {
        let _ = writeln!(text, "## {}\n\n{}", book.pick(vi, en), table(&head, &rows));
    }
    text
}
