//! The page of time limits: every figure of the data, by rule set.

use std::fmt::Write as _;

use super::{
    Lang,
    award::days,
    page::{AWARDS, Book, table},
    terms,
};

pub(super) fn page(book: Book<'_>) -> String {
    let mut text = match book.lang {
        Lang::Vi => "# Thời hạn\n\nNgày làm việc theo [lịch](calendar.md), giờ Việt Nam. Ngày sau ngày bắt đầu là ngày thứ \
            nhất; riêng công khai lấy ý kiến thì tính cả ngày đầu. Hết hạn vào ngày nghỉ thì lùi đến ngày làm việc kế tiếp. \
            Thời hạn tính từ khi hồ sơ đầy đủ và dừng khi trả lại hoặc tạm dừng. Dòng nêu danh hiệu được xét trước dòng chung; \
            bộ quy định không có dòng nào thì theo bộ mà nó kế thừa.\n\n",
        Lang::En => "# Time limits\n\nWorking days are those of the [calendar](calendar.md), in Viet Nam's time. The day \
            after the start is day 1, but a publication counts its first day. An end on a day off rolls on to the next working \
            day. The clock starts at the complete dossier and stops while it is returned or on hold. A row that names awards \
            goes before one for all; where a rule set has no row, that of its base holds.\n\n",
    }
    .to_owned();
    let head = match book.lang {
        Lang::Vi => ["Việc", "Cấp", "Danh hiệu, hình thức", "Thời hạn", "Điều"],
        Lang::En => ["Step", "Level", "Awards", "Limit", "Article"],
    };
    for set in book.sets() {
        let _ = writeln!(text, "## {}\n", book.set(set));
        if let Some(base) = &set.base {
            let inherits = match (set.borrowed, book.lang) {
                (true, Lang::Vi) => "Ngoài ra mượn của",
                (true, Lang::En) => "For the rest it borrows from",
                (false, Lang::Vi) => "Ngoài ra theo",
                (false, Lang::En) => "For the rest as in",
            };
            let _ = writeln!(text, "{inherits} `{base}`.\n");
        }
        let mut rows = Vec::new();
        for step in terms::STEPS {
            let of = book.tables.limits.limit.iter();
            for limit in of.filter(|limit| limit.rule_set == set.id && limit.step == step) {
                let (step_vi, step_en) = terms::step(step);
                let level = limit.level.map_or_else(
                    || book.pick("mọi cấp", "every level").to_owned(),
                    |level| {
                        let (vi, en) = terms::level(level);
                        book.pick(vi, en).to_owned()
                    },
                );
                rows.push(vec![
                    book.pick(step_vi, step_en).to_owned(),
                    level,
                    awards(book, &limit.awards),
                    days(book, limit.days, limit.unit),
                    book.source_cell(limit.article.as_deref(), limit.confirmed),
                ]);
            }
        }
        let none = book.pick("Không có dòng riêng.\n", "No rows of its own.\n");
        text.push_str(if rows.is_empty() { none } else { "" });
        text.push_str(&table(&head, &rows));
        text.push('\n');
    }
    text
}

/// Patterns of awards; the names of those that are named in full.
fn awards(book: Book<'_>, patterns: &[String]) -> String {
    if patterns.is_empty() {
        return book.pick("tất cả", "all").to_owned();
    }
    let named = patterns.iter().map(|pattern| {
        if pattern.ends_with('*') {
            format!("`{pattern}`")
        } else {
            book.award_link(pattern, AWARDS)
        }
    });
    named.collect::<Vec<_>>().join(", ")
}
