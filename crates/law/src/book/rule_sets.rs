//! The page of rule sets: from when to when, which dossiers cross into each, what each is made of.

use std::fmt::Write as _;

use crate::RuleSet;

use super::{
    Lang, codes,
    page::{AWARDS, Book, dong, table},
    terms,
};

pub(super) fn page(book: Book<'_>) -> String {
    let mut text = match book.lang {
        Lang::Vi => {
            "# Các bộ quy định\n\nMỗi hồ sơ do một bộ quy định xét: bộ mới nhất mà ngày xét của hồ sơ đã bước vào, \
            đi qua từng mốc chuyển tiếp. Thẩm quyền và tiền thưởng theo ngày quyết định.\n\n"
        }
        Lang::En => {
            "# The rule sets\n\nOne rule set judges a dossier: the newest that the dossier's key date has entered, \
            passing one transition after the other. Authority and money follow the day of the decision.\n\n"
        }
    }
    .to_owned();
    let rows: Vec<Vec<String>> = book.sets().map(|set| row(book, set)).collect();
    let head = match book.lang {
        Lang::Vi => ["Bộ quy định", "Từ ngày", "Trước ngày", "Luật", "Nghị định", "Kế thừa"],
        Lang::En => ["Rule set", "From", "Before", "Law", "Decree", "Base"],
    };
    text.push_str(&table(&head, &rows));
    let days = book.law.rule_sets_file().selection.warn_days_before_expiry;
    let _ = match book.lang {
        Lang::Vi => writeln!(
            text,
            "\nHệ thống cảnh báo trước {days} ngày khi bộ quy định sắp hết hiệu lực.\n"
        ),
        Lang::En => writeln!(text, "\nA warning is given {days} days before a rule set ends.\n"),
    };
    for set in book.sets() {
        text.push_str(&section(book, set));
    }
    text.push_str(&salaries(book));
    text
}

fn row(book: Book<'_>, set: &RuleSet) -> Vec<String> {
    vec![
        format!("[{0}](#{0}){1}", set.id, book.mark(set.confirmed)),
        set.in_force_from.to_string(),
        set.in_force_to.to_string(),
        set.law.clone(),
        set.decree.clone(),
        base(book, set),
    ]
}

fn base(book: Book<'_>, set: &RuleSet) -> String {
    let Some(base) = &set.base else { return "—".to_owned() };
    match (set.borrowed, book.lang) {
        (true, Lang::Vi) => format!("`{base}` (mượn, không dẫn điều)"),
        (true, Lang::En) => format!("`{base}` (borrowed, without articles)"),
        (false, _) => format!("`{base}`"),
    }
}

fn section(book: Book<'_>, set: &RuleSet) -> String {
    let mut text = format!("<a id=\"{0}\"></a>\n\n## {0}{1}\n\n", set.id, book.mark(set.confirmed));
    let note = book.pick(&set.note_vi, &set.note_en);
    if !note.is_empty() {
        let _ = writeln!(text, "> {note}\n");
    }
    for (label, said) in facts(book, set) {
        let _ = writeln!(text, "- {label}: {said}");
    }
    let awards = awards(book, set);
    if !awards.is_empty() {
        let _ = write!(
            text,
            "\n**{}**\n\n{awards}",
            book.pick("Danh hiệu, hình thức", "Awards")
        );
    }
    let pending = book.law.pending(&set.id);
    if !pending.is_empty() {
        let head = book.pick(
            "Thay đổi đã biết nhưng chưa áp dụng, vì chưa đọc được văn bản",
            "Changes that are known of but not switched on, since their text was not read",
        );
        let _ = writeln!(text, "\n**{head}**\n");
        for change in pending {
            let english = book.pick(" [*tiếng Anh*]", "");
            let _ = writeln!(
                text,
                "- {}{english}: {}{}",
                book.award_link(&change.award, AWARDS),
                change.change,
                book.source(Some(&change.article), change.confirmed)
            );
        }
    }
    text.push('\n');
    text
}

fn facts(book: Book<'_>, set: &RuleSet) -> Vec<(String, String)> {
    let (key_vi, key_en) = terms::key(set.key);
    let (once_vi, once_en) = terms::strictness(set.one_state_award_a_year);
    let list = |texts: &[String]| match texts {
        [] => "—".to_owned(),
        texts => texts.join(", "),
    };
    let yes = |yes: bool| {
        book.pick(if yes { "có" } else { "không" }, if yes { "yes" } else { "no" })
            .to_owned()
    };
    let levels: Vec<&str> = set
        .local_levels
        .iter()
        .map(|level| codes::group(level).map_or(level.as_str(), |(vi, en)| book.lang.pick(vi, en)))
        .collect();
    let facts = [
        (
            ("Hiệu lực", "In force"),
            match book.lang {
                Lang::Vi => format!("từ {} đến hết ngày trước {}", set.in_force_from, set.in_force_to),
                Lang::En => format!("from {} until the day before {}", set.in_force_from, set.in_force_to),
            },
        ),
        (
            ("Hồ sơ bước vào theo", "A dossier crosses into it by"),
            format!(
                "{}{}",
                book.pick(key_vi, key_en),
                book.source(set.key_article.as_deref(), set.key_confirmed)
            ),
        ),
        (("Luật", "Law"), set.law.clone()),
        (("Nghị định", "Decree"), set.decree.clone()),
        (("Nghị định khác", "Further decrees"), list(&set.extra_decrees)),
        (("Thông tư", "Circulars"), list(&set.circulars)),
        (("Kế thừa", "Base"), base(book, set)),
        (("Các cấp địa phương", "Local levels"), levels.join(", ")),
        (
            (
                "Sau kỷ luật, thành tích tính từ khi hết thời hạn kỷ luật",
                "After discipline, achievements count from its end",
            ),
            format!(
                "{}{}",
                yes(set.discipline_resets),
                book.source(set.discipline_article.as_deref(), true)
            ),
        ),
        (
            (
                "Cơ quan đã giải thể không được khen thưởng",
                "No award to an agency that is dissolved",
            ),
            yes(set.no_award_to_dissolved),
        ),
        (
            (
                "Hình thức cấp Nhà nước thứ hai trong một năm",
                "A second state-level form in one year",
            ),
            book.pick(once_vi, once_en).to_owned(),
        ),
        (
            (
                "Mọi năm giữa hai lần khen phải hoàn thành tốt nhiệm vụ trở lên",
                "Every year since the previous award must be rated hoàn thành tốt nhiệm vụ or better",
            ),
            yes(set.rating_between_awards),
        ),
        (
            (
                "Tổ chức kinh tế nộp xác nhận nghĩa vụ thuế, bảo hiểm, môi trường",
                "Economic organisations confirm tax, insurance and environment duties on paper",
            ),
            yes(set.tax_paper),
        ),
        (
            (
                "Hồ sơ thuộc bộ trước có thể chọn bộ này nếu có lợi hơn, do người có thẩm quyền ghi nhận",
                "A dossier of the set before may be judged by this one if a person finds it more favourable",
            ),
            yes(set.favours_earlier),
        ),
        (
            ("Mã kiểm tra (SHA-256)", "Digest (SHA-256)"),
            format!("`{}`", book.law.digest(&set.id)),
        ),
    ];
    let label = |(vi, en): (&'static str, &'static str)| book.pick(vi, en).to_owned();
    facts.into_iter().map(|(words, said)| (label(words), said)).collect()
}

/// What a rule set with a base brings in, ends, and decides elsewhere.
fn awards(book: Book<'_>, set: &RuleSet) -> String {
    let layer = book.law.layer(&set.id);
    let mut text = String::new();
    if set.base.is_none() {
        let count = layer.award.len();
        let _ = match book.lang {
            Lang::Vi => writeln!(text, "- {count} danh hiệu, hình thức: xem [mục lục](README.md)"),
            Lang::En => writeln!(text, "- {count} awards: see the [index](README.md)"),
        };
        return text;
    }
    for award in &layer.award {
        let _ = writeln!(
            text,
            "- {}: {}",
            book.pick("mới", "new"),
            book.award_link(&award.code, AWARDS)
        );
    }
    for ended in &layer.ended {
        let instead = ended.successor.as_deref().map_or_else(String::new, |code| {
            format!(
                "; {} {}",
                book.pick("thay bằng", "instead:"),
                book.award_link(code, AWARDS)
            )
        });
        let _ = writeln!(
            text,
            "- {}: {}{instead}{}",
            book.pick("không còn", "no longer given"),
            book.award_link(&ended.award, AWARDS),
            book.source(Some(&ended.article), ended.confirmed)
        );
    }
    for entry in &layer.authority {
        let (vi, en) = terms::decider(entry.decider);
        let _ = writeln!(
            text,
            "- {}: {} — {}{}",
            book.pick("thẩm quyền", "authority"),
            book.award_link(&entry.award, AWARDS),
            book.pick(vi, en),
            book.source(Some(&entry.article), entry.confirmed)
        );
    }
    let mut changed: Vec<&str> = Vec::new();
    let dropped = layer.drop.iter().map(|drop| drop.of_award.as_str());
    for code in layer.criteria.iter().map(|c| c.of_award.as_str()).chain(dropped) {
        if !changed.contains(&code) {
            changed.push(code);
        }
    }
    if !changed.is_empty() {
        let links: Vec<String> = changed.iter().map(|code| book.award_link(code, AWARDS)).collect();
        let _ = writeln!(
            text,
            "- {}: {}",
            book.pick("tiêu chuẩn riêng", "criteria of its own"),
            links.join(", ")
        );
    }
    text
}

fn salaries(book: Book<'_>) -> String {
    let rows: Vec<Vec<String>> = book
        .tables
        .money
        .base_salary
        .iter()
        .rev()
        .map(|salary| {
            vec![
                salary.from.to_string(),
                salary.to.map_or_else(|| "—".to_owned(), |to| to.to_string()),
                dong(book.lang, salary.vnd),
                book.source_cell(salary.instrument.as_deref(), salary.confirmed),
            ]
        })
        .collect();
    let head = match book.lang {
        Lang::Vi => ["Từ ngày", "Trước ngày", "Đồng một tháng", "Văn bản"],
        Lang::En => ["From", "Before", "Dong a month", "Instrument"],
    };
    format!(
        "## {}\n\n{}",
        book.pick("Lương cơ sở", "Base salary"),
        table(&head, &rows)
    )
}
