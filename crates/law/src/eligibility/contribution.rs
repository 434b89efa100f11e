//! Quá trình cống hiến: posts held for so many years.

use std::collections::BTreeSet;

use serde::Deserialize;
use time::Date;

use crate::{Law, Sex, eligibility::facts::Facts, law::Entry};

/// `contribution.toml`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ContributionFile {
    post: Vec<PostEntry>,
    row: Vec<Row>,
}

#[derive(Debug, Clone, Deserialize)]
struct PostEntry {
    id: String,
    rank: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Row {
    rule_set: String,
    award: [String; 1],
    posts: Vec<String>,
    min_years: u32,
    to_years: u32,
    upper: String,
    period: String,
    by_machine: bool,
    article: Option<String>,
}

impl Entry for Row {
    fn rule_set(&self) -> &str {
        &self.rule_set
    }

    fn awards(&self) -> &[String] {
        &self.award
    }
}

/// What the table of posts says.
pub(crate) enum Posts {
    /// A row is met; its article, where one was read.
    Met(Option<String>),
    /// No row is met.
    NotMet,
    /// There is no row that a machine can read: a person must say.
    NoTable,
}

/// Whether the posts held are enough for one row of the award.
pub(crate) fn posts_held(facts: &Facts<'_>, award: &str) -> Posts {
    let table = facts.law.contribution();
    let set = &facts.set.id;
    // The rows of the nearest rule set take the place of all others.
    let mut rows = facts.law.entries(&table.row, set, award).peekable();
    let Some(nearest) = rows.peek().map(|(row, _)| row.rule_set.clone()) else {
        return Posts::NoTable;
    };
    let rows: Vec<_> = rows
        .take_while(|(row, _)| row.rule_set == nearest)
        .filter(|(row, _)| row.by_machine)
        .collect();
    if rows.is_empty() {
        return Posts::NoTable;
    }
    let met = rows.into_iter().find(|(row, _)| row_met(facts, table, row));
    met.map_or(Posts::NotMet, |(row, borrowed)| {
        Posts::Met(row.article.clone().filter(|_| !borrowed))
    })
}

fn row_met(facts: &Facts<'_>, table: &ContributionFile, row: &Row) -> bool {
    let ranks = |post: &str| {
        table
            .post
            .iter()
            .find(|entry| entry.id == post)
            .and_then(|entry| entry.rank.as_deref())
    };
    let listed = |post: &str| {
        row.posts
            .iter()
            .any(|named| named == post || ranks(post) == Some(named))
    };
    let days: BTreeSet<i32> = facts
        .dossier
        .record
        .posts
        .iter()
        .filter(|held| listed(&held.post))
        .flat_map(|held| {
            // Years in the war are years in the post; a span longer than a life is cut.
            let from = held.from.max(begin_of(&row.period)).to_julian_day();
            let to = held.to.unwrap_or(facts.day).min(facts.day).to_julian_day();
            from..=to.min(from + 366 * 120)
        })
        .collect();
    if days.is_empty() {
        return false;
    }
    // A year of 365.25 days, in quarters of a day; a woman needs a third less.
    let quarters = days.len() as u64 * 4;
    let woman = facts.dossier.candidate.sex == Some(Sex::Female);
    let (num, den) = if woman { (2, 3) } else { (1, 1) };
    // One day of grace: a post from 1 July to 30 June is a full year in any year.
    let enough = (quarters + 4) * den >= u64::from(row.min_years) * 1461 * num;
    let under = row.upper != "below" || quarters < u64::from(row.to_years) * 1461;
    enough && under
}

fn begin_of(period: &str) -> Date {
    match period {
        "construction" => Date::from_calendar_date(1975, time::Month::May, 1).unwrap_or(Date::MIN),
        "american-war-or-construction" => Date::from_calendar_date(1954, time::Month::July, 21).unwrap_or(Date::MIN),
        _ => Date::from_calendar_date(1900, time::Month::January, 1).unwrap_or(Date::MIN),
    }
}

impl Law {
    /// Whether the tables know this post.
    pub fn knows_post(&self, post: &str) -> bool {
        self.contribution().post.iter().any(|entry| entry.id == post)
    }
}
