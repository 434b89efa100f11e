//! Cells that hold several things: ratings by year, earlier awards, initiatives, posts, measures, papers.

mod awards;
mod decision;
mod initiatives;
mod papers;
mod ratings;
mod terms;

pub(crate) use self::{
    awards::awards,
    initiatives::initiatives,
    papers::{paper, papers},
    ratings::ratings,
    terms::{discipline, posts, proceedings},
};
use crate::{
    flaw::{What, quoted},
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

/// Years one by one and in spans: `2021, 2022-2023` is 2021, 2022 and 2023.
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

#[cfg(test)]
fn test_names() -> crate::names::Names {
    crate::names::Names::new(law::Law::embedded(), &law::Agencies::embedded())
}
