//! What all pages share: marks, links, tables, and rule sets that say the same put together.

use std::fmt::Write as _;

use crate::{AwardRule, Law, RuleSet};

use super::{Lang, tables::Tables};

/// The way from the pages of a language to those of its awards.
pub(super) const AWARDS: &str = "awards/";

/// A book in one language, while it is written.
#[derive(Clone, Copy)]
pub(super) struct Book<'a> {
    pub law: &'a Law,
    pub tables: &'a Tables,
    pub lang: Lang,
}

impl<'a> Book<'a> {
    pub fn pick<'t>(self, vi: &'t str, en: &'t str) -> &'t str {
        self.lang.pick(vi, en)
    }

    /// Rule sets, newest first: what is in force now is what most people look for.
    pub fn sets(self) -> impl Iterator<Item = &'a RuleSet> {
        self.law.rule_sets().iter().rev()
    }

    /// Every award of every rule set, in the order of the data: that of the base first, then what later sets brought.
    pub fn codes(self) -> Vec<&'a str> {
        let mut sets: Vec<&RuleSet> = self.law.rule_sets().iter().collect();
        sets.sort_by_key(|set| self.law.line(&set.id).len());
        let mut codes: Vec<&str> = Vec::new();
        for award in sets.iter().flat_map(|set| &self.law.layer(&set.id).award) {
            if !codes.contains(&award.code.as_str()) {
                codes.push(&award.code);
            }
        }
        codes
    }

    /// An award as the newest rule set has it that knows it, whether or not it is still given.
    pub fn newest(self, code: &str) -> Option<&'a AwardRule> {
        let mut known = self.sets().filter_map(|set| self.law.award_in(code, &set.id));
        let first = known.next()?;
        if first.ended.is_none() {
            return Some(first);
        }
        known.find(|award| award.ended.is_none()).or(Some(first))
    }

    pub fn name(self, award: &'a AwardRule) -> &'a str {
        self.pick(&award.name_vi, &award.name_en)
    }

    /// The award's name as a link; its code where no rule set has it. `way` leads to the folder of awards.
    pub fn award_link(self, code: &str, way: &str) -> String {
        self.newest(code).map_or_else(
            || format!("`{code}`"),
            |award| format!("[{}]({way}{code}.md)", self.name(award)),
        )
    }

    /// The id of a rule set, with its mark.
    pub fn set(self, set: &RuleSet) -> String {
        format!("`{}`{}", set.id, self.mark(set.confirmed))
    }

    pub fn sets_named(self, sets: &[&RuleSet]) -> String {
        let named: Vec<String> = sets.iter().map(|set| self.set(set)).collect();
        named.join(", ")
    }

    fn unconfirmed(self) -> &'static str {
        self.lang.pick(" *(chưa xác nhận)*", " *(unconfirmed)*")
    }

    /// The mark of what was not read in a source; nothing for what was.
    pub fn mark(self, confirmed: bool) -> &'static str {
        if confirmed { "" } else { self.unconfirmed() }
    }

    /// The article and the mark, for the end of a line.
    pub fn source(self, article: Option<&str>, confirmed: bool) -> String {
        let article = article.map_or_else(String::new, |article| format!(" [{}]", self.article(article)));
        format!("{article}{}", self.mark(confirmed))
    }

    /// The article and the mark, for a cell; a dash where no article was read.
    pub fn source_cell(self, article: Option<&str>, confirmed: bool) -> String {
        let article = article.map_or_else(|| "—".to_owned(), |article| self.article(article));
        format!("{article}{}", self.mark(confirmed))
    }

    /// An article as the data names it, with its abbreviations written out on the Vietnamese page.
    fn article(self, article: &str) -> String {
        match self.lang {
            Lang::Vi => article.replace("Law ", "Luật "),
            Lang::En => article.to_owned(),
        }
    }

    /// The name of a kind of paper.
    pub fn paper(self, kind: &str) -> &'a str {
        let known = self.law.document_names(kind);
        known.map_or("", |(vi, en)| self.lang.pick(vi, en))
    }

    /// Text with the names of these awards as links, the longest name first.
    pub fn linked(self, text: &str, codes: &[&str], way: &str) -> String {
        let mut names: Vec<(&str, &str)> = codes
            .iter()
            .filter_map(|code| {
                let award = self.law.award(code).or_else(|| self.newest(code))?;
                Some((self.name(award), *code))
            })
            .collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let mut linked = String::with_capacity(text.len() * 2);
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if let Some((name, code)) = names.iter().find(|(name, _)| rest.starts_with(name)) {
                let _ = write!(linked, "[{name}]({way}{code}.md)");
                rest = &rest[name.len()..];
            } else {
                linked.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
        linked
    }
}

/// Puts together the rule sets of which the same is said, in the order of the first of each.
pub(super) fn grouped<'a, T: PartialEq>(
    sets: impl Iterator<Item = &'a RuleSet>,
    said: impl Fn(&RuleSet) -> Option<T>,
) -> Vec<(Vec<&'a RuleSet>, T)> {
    let mut groups: Vec<(Vec<&RuleSet>, T)> = Vec::new();
    for set in sets {
        let Some(what) = said(set) else { continue };
        match groups.iter_mut().find(|(_, other)| *other == what) {
            Some((same, _)) => same.push(set),
            None => groups.push((vec![set], what)),
        }
    }
    groups
}

/// What a rule set says of some labels: a row of a table with a column for each rule set.
pub(super) type Said = Vec<(Vec<String>, String)>;

/// A table with a column for the rule sets that say the same. The heads are those of the labels.
pub(super) fn by_set(book: Book<'_>, heads: &[&str], said: impl Fn(&RuleSet) -> Option<Said>) -> String {
    let groups = grouped(book.sets(), said);
    // What a later column alone has stands after what it follows there.
    let mut labels: Vec<&Vec<String>> = Vec::new();
    for (_, said) in &groups {
        let mut next = 0;
        for (label, _) in said {
            let known = labels.iter().position(|other| *other == label);
            let at = known.unwrap_or_else(|| {
                labels.insert(next, label);
                next
            });
            next = at + 1;
        }
    }
    let row = |label: &Vec<String>| {
        let cell = |said: &Said| {
            let found = said.iter().find(|(other, _)| other == label);
            found.map_or_else(|| "—".to_owned(), |(_, cell)| cell.clone())
        };
        label
            .iter()
            .cloned()
            .chain(groups.iter().map(|(_, said)| cell(said)))
            .collect()
    };
    let rows: Vec<Vec<String>> = labels.into_iter().map(row).collect();
    let columns: Vec<String> = groups.iter().map(|(sets, _)| book.sets_named(sets)).collect();
    let heads: Vec<&str> = heads
        .iter()
        .copied()
        .chain(columns.iter().map(String::as_str))
        .collect();
    table(&heads, &rows)
}

/// A table; empty without rows.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: &mut dyn Iterator<Item = String>| format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
    let mut text = line(&mut head.iter().map(|cell| (*cell).to_owned()));
    text.push_str(&line(&mut head.iter().map(|_| "---".to_owned())));
    for row in rows {
        text.push_str(&line(&mut row.iter().map(|cell| cell.replace('|', "\\|"))));
    }
    text
}

/// A sum with its thousands apart, as people write it.
pub(super) fn dong(lang: Lang, vnd: i64) -> String {
    let digits = vnd.to_string();
    let apart = lang.pick(".", ",");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push_str(apart);
        }
        text.push(digit);
    }
    text
}
