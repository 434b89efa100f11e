//! The cover, and the index of awards by kind.

use std::fmt::Write as _;

use crate::{AwardRule, Law};

use super::{
    Lang,
    page::{AWARDS, Book, table},
    terms,
};

pub(super) fn page(book: Book<'_>) -> String {
    let mut text = match book.lang {
        Lang::Vi => {
            "# Sách luật thi đua, khen thưởng\n\n\
            - [Các bộ quy định](rule-sets.md): hiệu lực, chuyển tiếp, văn bản\n\
            - [Thời hạn](time-limits.md)\n\
            - [Lịch làm việc](calendar.md)\n\
            - [Quá trình cống hiến](contribution.md): chức vụ và số năm\n\
            - [Thuật ngữ](glossary.md)\n\
            - [Cách đọc](../README.md)\n\n\
            Thẩm quyền ghi dưới đây là của bộ quy định mới nhất còn tặng danh hiệu, hình thức đó.\n\n"
        }
        Lang::En => {
            "# The law book on emulation and commendation\n\n\
            - [The rule sets](rule-sets.md): dates, transitions, instruments\n\
            - [Time limits](time-limits.md)\n\
            - [Calendar of working days](calendar.md)\n\
            - [The process of contribution](contribution.md): posts and years\n\
            - [Glossary](glossary.md)\n\
            - [How to read it](../README.md)\n\n\
            Who decides is as the newest rule set has it that still gives the award.\n\n"
        }
    }
    .to_owned();
    let head = match book.lang {
        Lang::Vi => ["Danh hiệu, hình thức", "Cho", "Ai quyết định", "Điều", "Mã"],
        Lang::En => ["Award", "For", "Who decides", "Article", "Code"],
    };
    let codes = book.codes();
    let awards: Vec<&AwardRule> = codes.iter().filter_map(|code| book.newest(code)).collect();
    for kind in terms::KINDS {
        let of = awards.iter().filter(|award| award.kind == kind);
        let rows: Vec<Vec<String>> = of.map(|award| row(book, award)).collect();
        if !rows.is_empty() {
            let (vi, en) = terms::kind(kind);
            let _ = writeln!(text, "## {}\n\n{}", book.pick(vi, en), table(&head, &rows));
        }
    }
    let local = book.pick(
        "Ngoài ra, một cơ quan có thể tự đặt danh hiệu, hình thức theo quy chế của mình, mã `<cơ quan>/<tên>`; \
         các quy chế đó nằm trong danh bạ, không ở đây.\n",
        "Beside these, an agency may give awards by a regulation of its own, code `<agency>/<name>`; those regulations \
         stand in the directory, not here.\n",
    );
    text.push_str(local);
    text
}

fn row(book: Book<'_>, award: &AwardRule) -> Vec<String> {
    let (to_vi, to_en) = terms::recipient(award.recipient);
    let (by_vi, by_en) = terms::decider(award.decider);
    let given = book.sets().next().is_some_and(|newest| {
        let here = book.law.award_in(&award.code, &newest.id);
        here.is_some_and(|here| here.ended.is_none())
    });
    let ended = if given {
        ""
    } else {
        book.pick(" (không còn)", " (no longer given)")
    };
    vec![
        format!("{}{ended}", book.award_link(&award.code, AWARDS)),
        book.pick(to_vi, to_en).to_owned(),
        format!("{}{}", book.pick(by_vi, by_en), book.mark(award.authority_confirmed)),
        book.source_cell(award.article.as_deref(), award.confirmed),
        format!("`{}`", award.code),
    ]
}

pub(super) fn cover(law: &Law) -> String {
    let sets: Vec<String> = law.rule_sets().iter().map(|set| format!("`{}`", set.id)).collect();
    let sets = sets.join(", ");
    format!(
        "# Sách luật / The law book\n\n\
        [Tiếng Việt](vi/README.md) · [English](en/README.md)\n\n\
        ## Tiếng Việt\n\n\
        Sách này ghi lại những gì hệ thống hiểu về pháp luật thi đua, khen thưởng, theo từng bộ quy định: {sets}. \
        Mọi trang đều sinh ra từ dữ liệu ở `crates/law/data`; đừng sửa tay. Sửa dữ liệu rồi chạy `cargo xtask gen`. \
        Cách thêm, kiểm tra, so sánh và thử một bộ quy định: [docs/rules.md](../rules.md).\n\n\
        - Điều khoản ghi cạnh một quy định là điều đã đọc được; không ghi là chưa đọc được điều nào.\n\
        - *(chưa xác nhận)*: chưa đọc được trong văn bản. Điều chưa xác nhận chỉ để cảnh báo, không tự mình loại hồ sơ nào.\n\
        - *Mượn*: bộ quy định dùng tạm nội dung của luật sau, vì chưa đọc được của chính nó; khi đó không dẫn điều.\n\
        - Tiêu chuẩn gồm phần *luôn phải có* và các *đường*; đủ một đường là đủ.\n\
        - [*tiếng Anh:* …]: lời văn chi tiết mới chỉ có tiếng Anh.\n\n\
        Sách không thay văn bản pháp luật. Chỗ nào khác với văn bản thì văn bản đúng: xin báo để sửa dữ liệu.\n\n\
        ## English\n\n\
        This book is what the system understands of the law on emulation and commendation, by rule set: {sets}. Every page is \
        made from the data in `crates/law/data`; do not edit pages. Change the data, then run `cargo xtask gen`. How a rule \
        set is added, checked, compared and tried: [docs/rules.md](../rules.md).\n\n\
        - An article beside a rule was read there; where none stands, none was read.\n\
        - *(unconfirmed)*: not read in a source. What is unconfirmed warns, and never refuses a dossier alone.\n\
        - *Borrowed*: the rule set stands on the content of a later law, since its own was not read; then no article is shown.\n\
        - Criteria are those that *always* hold, and *ways* beside them; one way is enough.\n\n\
        The book does not take the place of the law's own text. Where they differ the text is right: please tell us.\n"
    )
}
