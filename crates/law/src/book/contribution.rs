//! The page of the process of contribution: which posts, held for how many years, lead to which award.

use std::fmt::Write as _;

use super::{
    Lang, codes,
    page::{AWARDS, Book, table},
    tables::PostRow,
};

pub(super) fn page(book: Book<'_>) -> String {
    let mut text = match book.lang {
        Lang::Vi => {
            "# Quá trình cống hiến\n\nNữ được giảm một phần ba thời gian giữ chức vụ. Bộ quy định có dòng riêng \
            cho một hình thức thì chỉ theo các dòng đó; không có thì theo bộ mà nó kế thừa.\n\n"
        }
        Lang::En => {
            "# The process of contribution\n\nA woman needs a third less time in the post. Where a rule set has rows \
            for an award, those alone count; where it has none, those of its base.\n\n"
        }
    }
    .to_owned();
    let head = match book.lang {
        Lang::Vi => ["Hình thức", "Chức vụ", "Thời gian giữ chức vụ", "Thời kỳ", "Điều"],
        Lang::En => ["Award", "Posts", "Time in the post", "Period", "Article"],
    };
    for set in book.sets() {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut last = None;
        for row in book.tables.contribution.row.iter().filter(|row| row.rule_set == set.id) {
            let links: Vec<String> = row.award.iter().map(|code| book.award_link(code, AWARDS)).collect();
            let award = links.join(", ");
            let shown = if last.as_ref() == Some(&award) {
                "〃".to_owned()
            } else {
                award.clone()
            };
            last = Some(award);
            rows.push(vec![
                shown,
                posts(book, &row.posts),
                years(book, row),
                period(book, row),
                book.source_cell(row.article.as_deref(), row.confirmed),
            ]);
        }
        if !rows.is_empty() {
            let _ = writeln!(text, "## {}\n\n{}", book.set(set), table(&head, &rows));
        }
    }
    text.push_str(&ranks(book));
    text
}

fn posts(book: Book<'_>, ids: &[String]) -> String {
    let name = |id: &String| {
        let post = book.tables.contribution.post.iter().find(|post| post.id == *id);
        let known = post.map(|post| post.name_vi.clone());
        let rank = || codes::rank(id).map(|(vi, en)| book.pick(vi, en).to_owned());
        known.or_else(rank).unwrap_or_else(|| format!("`{id}`"))
    };
    ids.iter().map(name).collect::<Vec<_>>().join("; ")
}

fn years(book: Book<'_>, row: &PostRow) -> String {
    let (least, most) = (row.min_years, row.to_years);
    match (row.upper.as_str(), book.lang) {
        _ if least == 0 && most == 0 => book.pick("không nêu số năm", "no number of years").to_owned(),
        ("below", Lang::Vi) => format!("từ {least} năm đến dưới {most} năm"),
        ("below", Lang::En) => format!("{least} years, under {most}"),
        ("term", Lang::Vi) => format!("từ {least} năm (nhiệm kỳ {most} năm)"),
        ("term", Lang::En) => format!("{least} years (a term of {most})"),
        (_, Lang::Vi) => format!("từ {least} năm"),
        (_, Lang::En) => format!("{least} years or more"),
    }
}

fn period(book: Book<'_>, row: &PostRow) -> String {
    let words = codes::period(&row.period).map_or(row.period.as_str(), |(vi, en)| book.lang.pick(vi, en));
    if row.by_machine {
        return words.to_owned();
    }
    let person = book.pick("do người có thẩm quyền xác nhận", "for a person to confirm");
    format!("{words} ({person})")
}

/// Which posts count as which rank.
fn ranks(book: Book<'_>) -> String {
    let posts = &book.tables.contribution.post;
    let mut ranks: Vec<&str> = posts.iter().filter_map(|post| post.rank.as_deref()).collect();
    let mut seen = Vec::new();
    ranks.retain(|rank| {
        let new = !seen.contains(rank);
        seen.push(*rank);
        new
    });
    let rows: Vec<Vec<String>> = ranks
        .into_iter()
        .map(|rank| {
            let of = posts.iter().filter(|post| post.rank.as_deref() == Some(rank));
            let names: Vec<&str> = of.map(|post| post.name_vi.as_str()).collect();
            let words = codes::rank(rank).map_or(rank, |(vi, en)| book.lang.pick(vi, en));
            vec![words.to_owned(), names.join("; ")]
        })
        .collect();
    let head = match book.lang {
        Lang::Vi => ["Tương đương", "Chức vụ"],
        Lang::En => ["Rank", "Posts (in Vietnamese)"],
    };
    format!(
        "## {}\n\n{}",
        book.pick("Chức vụ tương đương", "Posts by rank"),
        table(&head, &rows)
    )
}
