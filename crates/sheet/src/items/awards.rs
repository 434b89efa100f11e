//! Earlier awards.

use law::{Award, Basis, PastAchievement};
use time::Date;

use super::{decision::decision, items, parted, unreadable, years};
use crate::{
    flaw::{What, quoted},
    fold::fold,
    names::Names,
    values::whole_year,
};

/// `CSTĐCS 2023 (QĐ 12/QĐ-UBND ngày 05/01/2024); LĐTT 2021, 2022`.
pub(crate) fn awards(text: &str, names: &Names) -> Result<Vec<Award>, What> {
    let mut found = Vec::new();
    for item in items(text) {
        found.extend(held(&item, names)?);
    }
    Ok(found)
}

/// One award, in each of the years that its item names.
fn held(item: &str, names: &Names) -> Result<Vec<Award>, What> {
    let told = |vi: &str, en: &str| unreadable(item, vi, en);
    let (named, details) = parted(item);
    let decision = decision(details).ok_or_else(|| {
        told(
            "hãy ghi quyết định trong ngoặc: (QĐ 12/QĐ-UBND ngày 05/01/2024)",
            "write the decision in parentheses: (QĐ 12/QĐ-UBND ngày 05/01/2024)",
        )
    })?;
    let (mut name, when) = before_years(named);
    let of_period = strip_end(&mut name, &["giai doan"]);
    strip_end(&mut name, &["cac nam", "nam"]);
    let award = names.award(name).map_err(|what| {
        What::new(
            what.reason,
            format!("{}: {}", quoted(item), what.vi),
            format!("{}: {}", quoted(item), what.en),
        )
    })?;
    let listed = match years(when) {
        Some(listed) => listed,
        None if when.is_empty() => Vec::new(),
        None => return Err(told("năm không đọc được", "the years cannot be read")),
    };
    let no_year = || told("chưa ghi năm", "the year is missing");
    let (listed, achievement) = if of_period {
        let (Some(first), Some(last)) = (listed.first(), listed.last()) else {
            return Err(no_year());
        };
        let period = PastAchievement {
            from: whole_year(*first).map(|(first, _)| first),
            to: whole_year(*last).map(|(_, last)| last),
            act: None,
        };
        (Vec::new(), Some(period))
    } else {
        (listed, None)
    };
    // A title is for the year before its decision, so the decision's day does not tell its year.
    let annual = award.contains("tien-tien") || award.contains("chien-si-thi-dua") || award.contains("xuat-sac");
    let listed = match (listed.is_empty(), decision.date.map(Date::year)) {
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
    let issuer = decision.issuer.map(|issuer| names.agency(&issuer).unwrap_or(issuer));
    let in_year = |year| Award {
        award: award.clone(),
        year,
        date: decision.date,
        decision: decision.number.clone(),
        issuer: issuer.clone(),
        basis: Basis::default(),
        achievement: achievement.clone(),
        revoked_on: None,
    };
    Ok(listed.into_iter().map(in_year).collect())
}

/// What is named, and the years from the first run of four digits on.
fn before_years(named: &str) -> (&str, &str) {
    let four = |at: usize| named[at..].chars().take_while(char::is_ascii_digit).count() == 4;
    let start = named
        .char_indices()
        .find(|(at, c)| c.is_ascii_digit() && four(*at))
        .map_or(named.len(), |(at, _)| at);
    let (name, when) = named.split_at(start);
    (name.trim().trim_end_matches([',', ':', '-']).trim(), when.trim())
}

/// Takes one of these words (given folded) from the end of a text; whether it stood there.
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

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::{super::test_names, *};

    #[test]
    fn earlier_awards_stand_in_one_cell() {
        let text = "CSTĐCS 2023 (QĐ 12/QĐ-UBND ngày 05/01/2024 của UBND tỉnh Hưng Yên); LĐTT các năm 2021, 2022; \
                    BK TTg (Quyết định số 119/QĐ-TTg ngày 20/12/2019)";
        let read = awards(text, &test_names()).expect("awards");
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
        let period =
            awards("BK TTg giai đoạn 2015-2019 (119/QĐ-TTg ngày 20/12/2020)", &test_names()).expect("an award");
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
            assert!(awards(bad, &test_names()).is_err(), "{bad}");
        }
    }
}
