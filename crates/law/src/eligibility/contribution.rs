//! Quá trình cống hiến: posts held for so many years.

use serde::Deserialize;
use time::Date;

use crate::{
    Law, Note, Post, Sex, Status,
    eligibility::{
        facts::Facts,
        found::{Told, Why},
        predicates::Case,
    },
    law::Entry,
};

/// `contribution.toml`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ContributionFile {
    post: Vec<PostEntry>,
    #[serde(default)]
    rank: Vec<RankEntry>,
    #[serde(default)]
    rule: Vec<RuleEntry>,
    #[serde(default)]
    row: Vec<Row>,
}

#[derive(Debug, Clone, Deserialize)]
struct PostEntry {
    id: String,
    name_vi: String,
    rank: Option<String>,
}

/// A rank of posts; a lower order is a higher rank.
#[derive(Debug, Clone, Deserialize)]
struct RankEntry {
    id: String,
    name_vi: String,
    order: u32,
}

/// A rule on how the rows are read.
#[derive(Debug, Clone, Deserialize)]
struct RuleEntry {
    rule_set: String,
    id: Reading,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reading {
    /// Years short for a post are added to those of the next lower listed post, and judged by that one.
    AdjacentLowerPost,
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

impl Entry for RuleEntry {
    fn rule_set(&self) -> &str {
        &self.rule_set
    }

    fn awards(&self) -> &[String] {
        &[]
    }
}

/// Whether the posts held are enough for one row of the award.
pub(crate) fn posts(case: Case<'_>, told: &mut Told) -> Status {
    let facts = case.facts;
    if !case.criterion.rows {
        return case.asked(told);
    }
    // The rows of the nearest rule set take the place of all others.
    let table = facts.law.contribution();
    let mut rows = facts
        .law
        .entries(&table.row, &facts.set.id, &case.award.code)
        .peekable();
    let nearest = rows.peek().map(|(row, _)| row.rule_set.as_str());
    let rows: Vec<(&Row, bool)> = rows
        .take_while(|(row, _)| Some(row.rule_set.as_str()) == nearest)
        .filter(|(row, _)| row.by_machine)
        .collect();
    let reading = Reading::AdjacentLowerPost;
    let adds = facts
        .law
        .entries(&table.rule, &facts.set.id, "")
        .any(|(rule, _)| rule.id == reading);
    let down = if adds {
        passed_down(facts, table, &rows)
    } else {
        Vec::new()
    };
    let tallies = rows.iter().map(|(row, _)| Tally::of(facts, table, row, &down));
    let best = rows
        .iter()
        .zip(tallies)
        .min_by_key(|(_, tally)| (!tally.holds, tally.short()));
    if let Some((_, tally)) = &best {
        told.enough(tally.years(), tally.need);
    }
    let holds = best.as_ref().is_some_and(|(_, tally)| tally.holds);
    say(facts, table, best.as_ref().map(|((row, _), _)| *row), &down, told);
    // Disciplined while holding the listed posts: no award for the process.
    if disciplined_in_post(facts) {
        return Status::NotMet;
    }
    match best {
        Some(((row, borrowed), _)) if holds => {
            told.article = row.article.as_ref().filter(|_| !borrowed).map(Into::into);
            Status::Met
        }
        Some(_) if case.asked(told) == Status::Met => Status::Met,
        Some(_) => Status::NotMet,
        // There is no row that a machine can read: a person must say.
        None => case.asked(told),
    }
}

fn disciplined_in_post(facts: &Facts<'_>) -> bool {
    let record = &facts.dossier.record;
    let mut measures: Vec<Date> = record.discipline.iter().map(|measure| measure.date).collect();
    measures.sort_unstable();
    let first_since = |day: Date| measures.get(measures.partition_point(|date| *date < day)).copied();
    let during = |post: &Post| first_since(post.from).is_some_and(|day| post.to.is_none_or(|to| day <= to));
    facts.set.discipline_resets && record.posts.iter().any(during)
}

/// The posts held for too few years to be rewarded for them alone: only their years are added to those of lower posts.
fn passed_down<'a>(facts: &Facts<'a>, table: &ContributionFile, rows: &[(&Row, bool)]) -> Vec<&'a str> {
    // Where this award does not list the post, the least of the awards that do, in the same period.
    let least = |post: &str| {
        let of = |row: &Row| table.lists(row, post).then_some(row.min_years);
        let alike = |row: &Row| {
            let same = |own: &Row| own.rule_set == row.rule_set && own.period == row.period;
            row.by_machine && rows.iter().any(|(own, _)| same(own))
        };
        let here = rows.iter().filter_map(|(row, _)| of(row)).min();
        here.or_else(|| table.row.iter().filter(|row| alike(row)).filter_map(of).min())
    };
    let posts = facts.dossier.record.posts.iter().map(|post| post.post.as_str());
    // Only a ranked post stands above others; each is looked at once, however often it was held.
    let mut held: Vec<&str> = posts.filter(|post| table.rank_of(post).is_some()).collect();
    held.sort_unstable();
    held.dedup();
    held.retain(|post| {
        let alike = |other: &str| table.rank_of(post) == table.rank_of(other);
        least(post).is_none_or(|least| !enough(facts, days(facts, Date::MIN, alike), least))
    });
    held
}

/// The days in posts that count, from that day on. Posts held at the same time count once.
fn days(facts: &Facts<'_>, begin: Date, counts: impl Fn(&str) -> bool) -> u64 {
    let held = facts.dossier.record.posts.iter();
    let mut spans: Vec<(i32, i32)> = held
        .filter(|post| counts(&post.post))
        .map(|post| {
            // Years in the war are years in the post; a span longer than a life is cut.
            let from = post.from.max(begin).to_julian_day();
            let to = post.to.unwrap_or(facts.day).min(facts.day).to_julian_day();
            (from, to.min(from + 366 * 120))
        })
        .filter(|(from, to)| from <= to)
        .collect();
    spans.sort_unstable();
    let (mut days, mut counted) = (0u64, i32::MIN);
    for (from, to) in spans {
        days += u64::from(to.saturating_sub(from.max(counted) - 1).max(0).unsigned_abs());
        counted = counted.max(to + 1);
    }
    days
}

/// A woman needs a third less.
fn share(facts: &Facts<'_>) -> (u64, u64) {
    let woman = facts.dossier.candidate.sex == Some(Sex::Female);
    if woman { (2, 3) } else { (1, 1) }
}

/// Whether the days are so many years. A year has 365.25 of them, so they are counted in quarters.
fn enough(facts: &Facts<'_>, days: u64, years: u32) -> bool {
    let (num, den) = share(facts);
    // One day of grace: a post from 1 July to 30 June is a full year in any year.
    (days * 4 + 4) * den >= u64::from(years) * 1461 * num
}

/// The days that count for a row.
struct Tally {
    days: u64,
    need: u32,
    holds: bool,
}

impl Tally {
    fn of(facts: &Facts<'_>, table: &ContributionFile, row: &Row, down: &[&str]) -> Self {
        let days = days(facts, begin_of(&row.period), |post| table.counts(post, row, down));
        let under = row.upper != "below" || days * 4 < u64::from(row.to_years) * 1461;
        let (num, den) = share(facts);
        let need = (u64::from(row.min_years) * num).div_ceil(den);
        Self {
            days,
            need: u32::try_from(need).unwrap_or(u32::MAX),
            holds: days > 0 && enough(facts, days, row.min_years) && under,
        }
    }

    fn years(&self) -> u32 {
        u32::try_from((self.days * 4 + 4) / 1461).unwrap_or(u32::MAX)
    }

    fn short(&self) -> u32 {
        self.need.saturating_sub(self.years())
    }
}

impl ContributionFile {
    /// Whether a post counts for a row: it is listed, or it is above those listed and its years are added to theirs.
    fn counts(&self, post: &str, row: &Row, down: &[&str]) -> bool {
        let order = |rank: &str| self.rank.iter().find(|entry| entry.id == rank).map(|entry| entry.order);
        let above = || {
            let own = self.rank_of(post).and_then(order)?;
            let highest = row.posts.iter().filter_map(|named| order(named)).min()?;
            Some(own < highest)
        };
        self.lists(row, post) || down.contains(&post) && above() == Some(true)
    }

    /// Whether a row lists a post, by itself or by its rank.
    fn lists(&self, row: &Row, post: &str) -> bool {
        let rank = self.rank_of(post);
        row.posts.iter().any(|named| named == post || rank == Some(named))
    }

    fn rank_of(&self, post: &str) -> Option<&str> {
        self.known(post)?.rank.as_deref()
    }

    fn known(&self, post: &str) -> Option<&PostEntry> {
        self.post.iter().find(|entry| entry.id == post)
    }
}

/// The posts held, and whether they count for the row that is nearest.
fn say(facts: &Facts<'_>, table: &ContributionFile, row: Option<&Row>, down: &[&str], told: &mut Told) {
    if !told.on {
        return;
    }
    let mut held: Vec<&Post> = facts.dossier.record.posts.iter().collect();
    held.sort_unstable_by_key(|post| (post.from, post.to, &post.post));
    for post in held {
        let counts = row.is_some_and(|row| table.counts(&post.post, row, down));
        let entry = table.known(&post.post);
        let name = entry.map_or(post.post.as_str(), |entry| &entry.name_vi);
        let rank = entry.and_then(|entry| table.rank.iter().find(|rank| Some(&rank.id) == entry.rank.as_ref()));
        let rank = rank.map_or_else(String::new, |rank| format!(" ({})", rank.name_vi));
        let (from, to) = (post.from, post.to.unwrap_or(facts.day));
        told.fact((!counts).then_some(Why::Low), || {
            let code = &post.post;
            Note::new(format!("{name}{rank}, {from} – {to}"), format!("{code}, {from} – {to}"))
        });
    }
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
        self.contribution().known(post).is_some()
    }
}
