//! What began on a day and may have ended on another: measures, proceedings, posts.

use law::{Discipline, Post, Proceeding};
use time::Date;

use super::{items, unreadable};
use crate::{flaw::What, fold::fold, values};

/// `Khiển trách 01/02/2023 (hết 01/02/2024)`.
pub(crate) fn discipline(text: &str) -> Result<Vec<Discipline>, What> {
    each(text, "Khiển trách 01/02/2023 (hết 01/02/2024)", |term| {
        let measure = values::measure(&term.named).ok()?;
        Some(Discipline {
            measure,
            date: term.from,
            ended_on: term.to,
        })
    })
}

/// `Thanh tra từ 01/02/2025 đến 01/03/2025`.
pub(crate) fn proceedings(text: &str) -> Result<Vec<Proceeding>, What> {
    each(text, "Thanh tra từ 01/02/2025 đến 01/03/2025", |term| {
        let kind = values::proceeding(&term.named).ok()?;
        Some(Proceeding {
            kind,
            opened_on: term.from,
            closed_on: term.to,
        })
    })
}

/// `giam-doc-so 01/01/2015 đến 31/12/2020`: posts by their codes, or by names that are written as the codes.
pub(crate) fn posts(text: &str) -> Result<Vec<Post>, What> {
    each(text, "giam-doc-so từ 01/01/2015 đến 31/12/2020", |term| {
        let post = fold(&term.named).replace(' ', "-");
        (!post.is_empty()).then_some(Post {
            post,
            from: term.from,
            to: term.to,
        })
    })
}

/// Something with its first day, and its last where it is told.
struct Term {
    named: String,
    from: Date,
    to: Option<Date>,
}

fn each<T>(text: &str, form: &str, read: impl Fn(Term) -> Option<T>) -> Result<Vec<T>, What> {
    let told = |item: &str| unreadable(item, &format!("hãy ghi “{form}”"), &format!("write it as “{form}”"));
    items(text)
        .iter()
        .map(|item| term(item).and_then(&read).ok_or_else(|| told(item)))
        .collect()
}

/// What stands before the first day in a text, and the first two days.
fn term(item: &str) -> Option<Term> {
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
    let mut days = days.into_iter();
    Some(Term {
        named: words.join(" "),
        from: days.next()?,
        to: days.next(),
    })
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn measures_posts_and_proceedings_are_read() {
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
    }
}
