//! The law book: what the data says, for people who read laws. Pages in Markdown, in Vietnamese and in English, made
//! from the data alone and in an order that never changes, so that a difference between two books is a difference
//! between two laws.

mod award;
mod calendar;
mod codes;
mod contribution;
mod criteria;
mod glossary;
mod index;
mod limits;
mod page;
mod rule_sets;
mod tables;
mod terms;

use crate::Law;

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// Tiếng Việt.
    Vi,
    /// English.
    En,
}

impl Lang {
    /// Both, Vietnamese first.
    pub const ALL: [Self; 2] = [Self::Vi, Self::En];

    /// The name of the folder that its pages stand in.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    const fn pick<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }
}

impl Law {
    /// The pages of the law book in one language: path below the book's folder, and Markdown, by path.
    pub fn book(&self, lang: Lang) -> Vec<(String, String)> {
        let tables = tables::Tables::of(self);
        let book = page::Book {
            law: self,
            tables: &tables,
            lang,
        };
        let mut pages = vec![
            ("README.md".to_owned(), index::page(book)),
            ("rule-sets.md".to_owned(), rule_sets::page(book)),
            ("time-limits.md".to_owned(), limits::page(book)),
            ("calendar.md".to_owned(), calendar::page(book)),
            ("contribution.md".to_owned(), contribution::page(book)),
            ("glossary.md".to_owned(), glossary::page(book)),
        ];
        for code in book.codes() {
            pages.push((format!("awards/{code}.md"), award::page(book, code)));
        }
        pages.sort();
        let folder = lang.folder();
        pages
            .into_iter()
            .map(|(path, text)| (format!("{folder}/{path}"), text))
            .collect()
    }

    /// The first page of the law book, `README.md`, in both languages.
    pub fn book_cover(&self) -> String {
        index::cover(self)
    }
}
