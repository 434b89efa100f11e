//! Cells that hold several things: ratings by year, earlier awards, initiatives, posts, measures.

use law::{
    Award, Basis, Discipline, Document, Initiative, InitiativeKind, PastAchievement, Post, Proceeding, YearRating,
};
use time::{Date, Month};

use crate::{
    flaw::{What, quoted},
    fold::{after, fold},
    names::Names,
    values,
};

/// The items of a cell: apart by `;` or on lines of their own, with or without a dash before them.
pub(crate) fn items(text: &str) -> Vec<String> {
    let (mut items, mut item, mut depth) = (Vec::new(), String::new(), 0_i32);
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if (c == ';' || c == '\n') && depth <= 0 {
            items.push(std::mem::take(&mut item));
            depth = 0;
        } else {
            item.push(c);
        }
    }
    items.push(item);
    items
        .into_iter()
        .map(|item| {
            item.trim()
                .trim_start_matches(['-', '+', '•', '*'])
                .trim()
                .trim_end_matches('.')
                .to_owned()
        })
        .filter(|item| !values::is_none(item))
        .collect()
}

fn unreadable(item: &str, vi: &str, en: &str) -> What {
    let item = quoted(item);
    What::new("UNREADABLE_ITEM", format!("{item}: {vi}"), format!("{item}: {en}"))
}

/// The text before the parentheses, and what is in them.
fn parted(item: &str) -> (&str, &str) {
    item.split_once('(').map_or((item, ""), |(text, details)| {
        (text.trim(), details.trim_end().trim_end_matches(')').trim())
    })
}

/// Each word with its place, as digits stand in texts: `2021, 2022-2023` → 2021, 2022, 2023.
fn years(text: &str) -> Option<Vec<i32>> {
    let mut found = Vec::new();
    for part in text
        .split([',', '+', '&'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let part = part.replace(['–', '—'], "-");
        match part.split_once('-') {
            Some((from, to)) => {
                let (from, to) = (values::year_text(from)?, values::year_text(to)?);
                if from > to || to - from > 60 {
                    return None;
                }
                found.extend(from..=to);
            }
            None => found.push(values::year_text(&part)?),
        }
    }
    (!found.is_empty()).then_some(found)
}

/// `2023: HTXS; 2024: HTT`, `2020-2024: HTT`, `HTXS 2024`.
pub(crate) fn ratings(text: &str) -> Result<Vec<YearRating>, What> {
    let mut found = Vec::new();
    for item in items(text).iter().flat_map(|item| split_ratings(item)) {
        let told = || unreadable(&item, "hãy ghi “2024: HTT”", "write it as “2024: HTT”");
        let (one, two) = item
            .split_once([':', '='])
            .or_else(|| item.rsplit_once(' '))
            .ok_or_else(told)?;
        let (when, what) = match (years(one), years(two)) {
            (Some(when), None) => (when, two),
            (None, Some(when)) => (when, one),
            _ => return Err(told()),
        };
        let what = fold(what);
        let rating = values::rating(what.strip_suffix(" nam").unwrap_or(&what)).map_err(|_| told())?;
        found.extend(when.into_iter().map(|year| YearRating { year, rating }));
    }
    Ok(found)
}

/// Commas part items too where each part has its own rating.
fn split_ratings(item: &str) -> Vec<String> {
    let parts: Vec<String> = item.split(',').map(|part| part.trim().to_owned()).collect();
    if parts.len() > 1 && parts.iter().all(|part| part.contains([':', '='])) {
        return parts;
    }
    vec![item.to_owned()]
}

/// The number, day and issuer of a decision: `QĐ số 12/QĐ-UBND ngày 05/01/2024 của …`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Decision {
    number: Option<String>,
    date: Option<Date>,
    issuer: Option<String>,
}

fn decision(text: &str) -> Option<Decision> {
    let mut decision = Decision::default();
    let mut rest = text.trim();
    if rest.is_empty() {
        return Some(decision);
    }
    if let Some(issuer) = after(rest, "cua") {
        decision.issuer = Some(issuer.trim().to_owned());
        let end = rest.len() - issuer.len();
        rest = rest[..end].trim_end();
        rest = rest.rsplit_once(' ').map_or("", |(before, _)| before).trim();
    }
    let dated = after(rest, "ngay").map(|day| (day.to_owned(), rest.len() - day.len()));
    if let Some((day, end)) = dated {
        decision.date = Some(values::day_text(day.trim().trim_end_matches([',', ';']))?);
        rest = rest[..end].trim_end();
        rest = rest.rsplit_once(' ').map_or("", |(before, _)| before);
    }
    let number = ["quyet dinh so", "qd so", "quyet dinh", "qd", "so"]
        .iter()
        .find_map(|start| {
            let number = after(rest, start)?;
            // "QĐ" also ends a number: 12/QĐ-UBND.
            let opening = fold(&rest[..rest.len() - number.len()]) == *start;
            opening.then_some(number)
        });
    let number = number.unwrap_or(rest).trim().trim_matches([':', ',', ' ', '.']).trim();
    if number.contains(' ') {
        return None;
    }
    decision.number = (!number.is_empty()).then(|| number.to_owned());
    Some(decision)
}

/// `CSTĐCS 2023 (QĐ 12/QĐ-UBND ngày 05/01/2024); LĐTT 2021, 2022`.
pub(crate) fn awards(text: &str, names: &Names) -> Result<Vec<Award>, What> {
    let mut found = Vec::new();
    for item in items(text) {
        let told = |vi: &str, en: &str| unreadable(&item, vi, en);
        let (named, details) = parted(&item);
        let decision = decision(details).ok_or_else(|| {
            told(
                "hãy ghi quyết định trong ngoặc: (QĐ 12/QĐ-UBND ngày 05/01/2024)",
                "write the decision in parentheses: (QĐ 12/QĐ-UBND ngày 05/01/2024)",
            )
        })?;
        let start = named
            .char_indices()
            .find(|(at, c)| c.is_ascii_digit() && named[*at..].chars().take_while(char::is_ascii_digit).count() == 4)
            .map_or(named.len(), |(at, _)| at);
        let (name, when) = named.split_at(start);
        let mut name = name.trim().trim_end_matches([',', ':', '-']).trim();
        let period = strip_end(&mut name, &["giai doan"]);
        strip_end(&mut name, &["cac nam", "nam"]);
        let award = names.award(name).map_err(|what| {
            What::new(
                what.reason,
                format!("{}: {}", quoted(&item), what.vi),
                format!("{}: {}", quoted(&item), what.en),
            )
        })?;
        let listed = years(when.trim());
        if listed.is_none() && !when.trim().is_empty() {
            return Err(told("năm không đọc được", "the years cannot be read"));
        }
        let listed = listed.unwrap_or_default();
        let decided = decision.date.map(Date::year);
        let no_year = || told("chưa ghi năm", "the year is missing");
        let (listed, achievement) = if period {
            let (Some(first), Some(last)) = (listed.first(), listed.last()) else {
                return Err(no_year());
            };
            let day = |year, month, day| Date::from_calendar_date(year, month, day).ok();
            let period = PastAchievement {
                from: day(*first, Month::January, 1),
                to: day(*last, Month::December, 31),
                act: None,
            };
            (Vec::new(), Some(period))
        } else {
            (listed, None)
        };
        let annual = award.contains("tien-tien") || award.contains("chien-si-thi-dua") || award.contains("xuat-sac");
        let listed = match (listed.is_empty(), decided) {
            (false, _) => listed,
            (true, Some(year)) if !annual || achievement.is_some() => vec![year],
            (true, _) => return Err(no_year()),
        };
        if listed.len() > 1 && (decision.number.is_some() || decision.date.is_some()) {
            return Err(told(
                "một quyết định cho nhiều năm; hãy tách từng năm",
                "one decision for several years; write each year by itself",
            ));
        }
        for year in listed {
            found.push(Award {
                award: award.clone(),
                year,
                date: decision.date,
                decision: decision.number.clone(),
                issuer: decision
                    .issuer
                    .as_ref()
                    .map(|issuer| names.agency(issuer).unwrap_or_else(|_| issuer.clone())),
                basis: Basis::default(),
                achievement: achievement.clone(),
                revoked_on: None,
            });
        }
    }
    Ok(found)
}

fn strip_end(text: &mut &str, words: &[&str]) -> bool {
    for word in words {
        let length = word.chars().count();
        let start = text
            .char_indices()
            .rev()
            .nth(length.saturating_sub(1))
            .map(|(at, _)| at);
        if let Some(start) = start.filter(|start| fold(&text[*start..]) == *word && text[..*start].ends_with(' ')) {
            *text = text[..start].trim_end();
            return true;
        }
    }
    false
}

/// `Tên sáng kiến (2023, cấp cơ sở, QĐ 12/QĐ-SNV của …); Đề tài: … (2024, cấp tỉnh)`.
pub(crate) fn initiatives(text: &str, usual: InitiativeKind) -> Result<Vec<Initiative>, What> {
    let mut found = Vec::new();
    for item in items(text) {
        let told = || {
            unreadable(
                &item,
                "hãy ghi “Tên (năm, phạm vi[, QĐ số…])”, ví dụ “Số hóa hồ sơ (2023, cấp cơ sở)”",
                "write it as “title (year, scope[, decision])”, e.g. “Số hóa hồ sơ (2023, cấp cơ sở)”",
            )
        };
        let open = item.rfind('(').ok_or_else(told)?;
        let details = item[open + 1..].trim_end().strip_suffix(')').ok_or_else(told)?;
        let mut title = item[..open].trim();
        let mut kind = usual;
        if let Some((named, rest)) = title.split_once(':')
            && let Ok(named) = values::initiative(named)
        {
            (kind, title) = (named, rest.trim());
        }
        let (mut year, mut scope, mut paper) = (None, None, Decision::default());
        let mut rest = details.splitn(3, [',', ';']).map(str::trim);
        for part in rest.by_ref() {
            if let Some(read) = values::year_text(part).filter(|_| year.is_none()) {
                year = Some(read);
            } else if let Ok(read) = values::scope(part) {
                scope = Some(read);
            } else {
                paper = decision(part).ok_or_else(told)?;
            }
        }
        let (Some(year), Some(scope), false) = (year, scope, title.is_empty()) else {
            return Err(told());
        };
        found.push(Initiative {
            title: title.to_owned(),
            kind,
            scope,
            year,
            recognised_by: paper.issuer,
            decision: paper.number,
        });
    }
    Ok(found)
}

/// The days in a text, in their order, and the text before the first.
fn with_days(item: &str) -> (String, Vec<Date>) {
    let cleaned = item.replace(['(', ')', ',', '–', '—'], " ").replace(" - ", " ");
    let (mut words, mut days) = (Vec::new(), Vec::new());
    for word in cleaned.split_whitespace() {
        match values::day_text(word) {
            Some(day) => days.push(day),
            None if days.is_empty() => words.push(word),
            None => {}
        }
    }
    while words
        .last()
        .is_some_and(|word| matches!(fold(word).as_str(), "tu" | "ngay"))
    {
        words.pop();
    }
    (words.join(" "), days)
}

/// `Khiển trách 01/02/2023 (hết 01/02/2024)`.
pub(crate) fn discipline(text: &str) -> Result<Vec<Discipline>, What> {
    let read = |item: &str| {
        let (named, days) = with_days(item);
        let measure = values::measure(&named).ok()?;
        let [date, rest @ ..] = days.as_slice() else {
            return None;
        };
        Some(Discipline {
            measure,
            date: *date,
            ended_on: rest.first().copied(),
        })
    };
    let form = "Khiển trách 01/02/2023 (hết 01/02/2024)";
    each(text, form, read)
}

/// `Thanh tra từ 01/02/2025 đến 01/03/2025`.
pub(crate) fn proceedings(text: &str) -> Result<Vec<Proceeding>, What> {
    let read = |item: &str| {
        let (named, days) = with_days(item);
        let kind = values::proceeding(&named).ok()?;
        let [opened_on, rest @ ..] = days.as_slice() else {
            return None;
        };
        Some(Proceeding {
            kind,
            opened_on: *opened_on,
            closed_on: rest.first().copied(),
        })
    };
    each(text, "Thanh tra từ 01/02/2025 đến 01/03/2025", read)
}

/// `giam-doc-so 01/01/2015 đến 31/12/2020`: posts by their codes, or by names that are written as the codes.
pub(crate) fn posts(text: &str) -> Result<Vec<Post>, What> {
    let read = |item: &str| {
        let (named, days) = with_days(item);
        let post = fold(&named).replace(' ', "-");
        let [from, rest @ ..] = days.as_slice() else {
            return None;
        };
        (!post.is_empty()).then(|| Post {
            post,
            from: *from,
            to: rest.first().copied(),
        })
    };
    each(text, "giam-doc-so từ 01/01/2015 đến 31/12/2020", read)
}

fn each<T>(text: &str, form: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, What> {
    let told = |item: &str| unreadable(item, &format!("hãy ghi “{form}”"), &format!("write it as “{form}”"));
    items(text)
        .iter()
        .map(|item| read(item).ok_or_else(|| told(item)))
        .collect()
}

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
    if !matches!(fold(text).as_str(), "x" | "co" | "1") && !matches!(text, "✓" | "✔") {
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
    use law::{Agencies, Law, Rating, Scope};
    use time::macros::date;

    use super::*;

    fn names() -> Names {
        Names::new(Law::embedded(), &Agencies::embedded())
    }

    #[test]
    fn ratings_stand_in_one_cell() {
        let read = ratings("2023: HTXS; 2024: HTT").expect("ratings");
        assert_eq!(read.iter().map(|r| r.year).collect::<Vec<_>>(), [2023, 2024]);
        assert_eq!(read[0].rating, Rating::HoanThanhXuatSac);
        assert_eq!(ratings("2020-2022: HTT, 2023: HTXS").expect("ratings").len(), 4);
        assert_eq!(ratings("HTXS năm 2024\n- HTT 2023").expect("ratings").len(), 2);
        for bad in ["2023", "HTT", "2023: A", "23: HTT", "2025-2020: HTT"] {
            assert!(ratings(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn earlier_awards_stand_in_one_cell() {
        let text = "CSTĐCS 2023 (QĐ 12/QĐ-UBND ngày 05/01/2024 của UBND tỉnh Hưng Yên); LĐTT các năm 2021, 2022; \
                    BK TTg (Quyết định số 119/QĐ-TTg ngày 20/12/2019)";
        let read = awards(text, &names()).expect("awards");
        let short: Vec<(&str, i32)> = read.iter().map(|held| (held.award.as_str(), held.year)).collect();
        assert_eq!(
            short,
            [
                ("chien-si-thi-dua-co-so", 2023),
                ("lao-dong-tien-tien", 2021),
                ("lao-dong-tien-tien", 2022),
                ("bang-khen-thu-tuong", 2019)
            ]
        );
        assert_eq!(read[0].decision.as_deref(), Some("12/QĐ-UBND"));
        assert_eq!(read[0].date, Some(date!(2024 - 01 - 05)));
        assert_eq!(read[0].issuer.as_deref(), Some("tinh-hung-yen"));
        assert_eq!(read[3].decision.as_deref(), Some("119/QĐ-TTg"));
        let period = awards("BK TTg giai đoạn 2015-2019 (119/QĐ-TTg ngày 20/12/2020)", &names()).expect("an award");
        assert_eq!(period[0].year, 2020);
        assert_eq!(
            period[0].achievement.as_ref().and_then(|a| a.from),
            Some(date!(2015 - 01 - 01))
        );
        for bad in [
            "CSTĐCS",
            "Bằng khen 2020",
            "LĐTT 20",
            "LĐTT 2020 (ngày mai)",
            "2020",
            "LĐTT 2021, 2022 (QĐ 1/QĐ)",
        ] {
            assert!(awards(bad, &names()).is_err(), "{bad}");
        }
    }

    #[test]
    fn initiatives_have_a_year_and_a_scope() {
        let text = "Số hóa hồ sơ (2023, cấp cơ sở, QĐ 12/QĐ-SNV); Đề tài: Cải cách (năm 2024; cấp tỉnh)";
        let read = initiatives(text, InitiativeKind::Initiative).expect("initiatives");
        assert_eq!((read[0].year, read[0].scope), (2023, Scope::Grassroots));
        assert_eq!(read[0].decision.as_deref(), Some("12/QĐ-SNV"));
        assert_eq!(
            (read[1].kind, read[1].title.as_str()),
            (InitiativeKind::Research, "Cải cách")
        );
        assert!(initiatives("Số hóa hồ sơ", InitiativeKind::Initiative).is_err());
    }

    #[test]
    fn measures_posts_and_papers_are_read() {
        let read = discipline("Khiển trách 01/02/2023 (hết 01/02/2024)").expect("a measure");
        assert_eq!(read[0].ended_on, Some(date!(2024 - 02 - 01)));
        assert!(discipline("Không").expect("none").is_empty());
        assert!(discipline("nhắc nhở").is_err());
        let read = posts("Giám đốc sở từ 01/01/2015 đến 31/12/2020").expect("a post");
        assert_eq!(
            (read[0].post.as_str(), read[0].to),
            ("giam-doc-so", Some(date!(2020 - 12 - 31)))
        );
        assert_eq!(proceedings("Thanh tra từ 01/02/2025").expect("one")[0].closed_on, None);
        let read = papers(
            "bao-cao-thanh-tich; Ý kiến của cấp ủy quản lý (3/TB ngày 05/01/2025)",
            &names(),
        );
        let read = read.expect("papers");
        assert_eq!(
            (read[1].kind.as_str(), read[1].number.as_deref()),
            ("y-kien-cap-uy", Some("3/TB"))
        );
        assert_eq!(paper("to-trinh", "không").expect("none"), None);
    }
}
