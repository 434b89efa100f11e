//! The page of the calendar: days off and days worked in exchange, by year.

use std::fmt::Write as _;

use time::{Date, Weekday};

use super::{
    Lang,
    page::{Book, table},
};

pub(super) fn page(book: Book<'_>) -> String {
    let mut text = match book.lang {
        Lang::Vi => "# Lịch làm việc\n\nNgoài thứ Bảy và Chủ nhật, cơ quan nhà nước nghỉ những ngày sau, và làm bù những \
            ngày thứ Bảy, Chủ nhật ghi kèm. Năm không có ở đây thì không tính được thời hạn; không đoán.\n\n",
        Lang::En => "# Calendar of working days\n\nBeside Saturdays and Sundays, offices of the State are closed on these \
            days, and work on the Saturdays and Sundays that are named. A year that is not here has no data: a time limit \
            there is refused, never guessed.\n\n",
    }
    .to_owned();
    let head = match book.lang {
        Lang::Vi => ["Năm", "Ngày nghỉ", "Ngày làm bù", "Xác nhận"],
        Lang::En => ["Year", "Days off", "Worked in exchange", "Confirmed"],
    };
    let years: Vec<i32> = book.law.calendar().years().collect();
    let mut rows = Vec::new();
    let mut notes = String::new();
    for year in years
        .into_iter()
        .rev()
        .filter_map(|year| book.law.calendar().year(year))
    {
        let days = |days: &[Date]| -> String {
            let days: Vec<String> = days.iter().map(|day| written(book.lang, *day, year.year)).collect();
            if days.is_empty() {
                "—".to_owned()
            } else {
                days.join(", ")
            }
        };
        let confirmed = if year.confirmed {
            book.pick("đã xác nhận", "confirmed")
        } else {
            book.pick("*chưa xác nhận*", "*unconfirmed*")
        };
        rows.push(vec![
            year.year.to_string(),
            days(&year.off),
            days(&year.worked),
            confirmed.to_owned(),
        ]);
        if let Some(note) = &year.note {
            let english = book.pick(" [*tiếng Anh*]", "");
            let _ = writeln!(notes, "- {}{english}: {note}", year.year);
        }
    }
    text.push_str(&table(&head, &rows));
    if !notes.is_empty() {
        let _ = write!(text, "\n## {}\n\n{notes}", book.pick("Ghi chú", "Notes"));
    }
    text
}

/// The day with its weekday; its year only where it is another.
fn written(lang: Lang, day: Date, year: i32) -> String {
    let (vi, en) = match day.weekday() {
        Weekday::Monday => ("T2", "Mon"),
        Weekday::Tuesday => ("T3", "Tue"),
        Weekday::Wednesday => ("T4", "Wed"),
        Weekday::Thursday => ("T5", "Thu"),
        Weekday::Friday => ("T6", "Fri"),
        Weekday::Saturday => ("T7", "Sat"),
        Weekday::Sunday => ("CN", "Sun"),
    };
    let (weekday, number, month) = (lang.pick(vi, en), day.day(), u8::from(day.month()));
    let of = if day.year() == year {
        String::new()
    } else {
        format!("/{}", day.year())
    };
    match lang {
        Lang::Vi => format!("{weekday} {number}/{month}{of}"),
        Lang::En => format!("{weekday} {number} {}{}", day.month(), of.replace('/', " ")),
    }
}
