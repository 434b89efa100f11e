//! What an award asks: the criteria that always hold, the ways beside them, and what a rule set changed.

use std::fmt::Write as _;

use crate::{AwardRule, Criterion, Recipient, RuleSet};

use super::{
    Lang, codes,
    page::{Book, grouped},
    terms,
};

/// Holds for every way.
const ALWAYS: &str = "*";

/// The criteria of an award under all rule sets: in full where a rule set has them by its own right, by their
/// differences where it borrows them.
pub(super) fn section(book: Book<'_>, code: &str) -> String {
    let in_force = |set: &RuleSet| given(book, code, set);
    let own = book.sets().filter(|set| !set.borrowed);
    let full = grouped(own, |set| in_force(set).map(|award| &award.criteria));
    let mut text = format!("## {}\n\n", book.pick("Tiêu chuẩn", "Criteria"));
    let article = full
        .first()
        .and_then(|(sets, _)| in_force(sets.first()?)?.article.as_deref());
    if let Some(article) = article {
        let unless = book.pick("Điều khoản, nếu không ghi khác", "Article, where no other stands");
        let _ = writeln!(text, "{unless}: {article}.\n");
    }
    let newest = full.first().map_or(&[][..], |(_, criteria)| criteria.as_slice());
    for (nth, (sets, criteria)) in full.iter().enumerate() {
        let _ = writeln!(text, "### {}\n", book.sets_named(sets));
        if criteria.is_empty() {
            let nothing = book.pick(
                "Chưa có tiêu chuẩn nào được ghi trong dữ liệu: người có thẩm quyền xem xét.",
                "The data holds no criteria: a person must judge.",
            );
            let _ = writeln!(text, "{nothing}\n");
        }
        // The oldest of those that say the same is the one that changed it.
        let shown = Shown {
            book,
            code,
            article,
            base: sets.last().and_then(|set| before(book, code, set)),
            above: if nth == 0 { &[] } else { newest },
        };
        text.push_str(&shown.ways(criteria));
    }
    for set in book.sets().filter(|set| set.borrowed) {
        if let (Some(award), Some((base, from))) = (in_force(set), before(book, code, set)) {
            text.push_str(&borrowed(book, set, award, base, from));
        }
    }
    text
}

/// The award, where this rule set gives it.
pub(super) fn given<'a>(book: Book<'a>, code: &str, set: &RuleSet) -> Option<&'a AwardRule> {
    let award = book.law.award_in(code, &set.id)?;
    award.ended.is_none().then_some(award)
}

type Before<'a> = (&'a str, &'a [Criterion]);

/// What the base of a rule set asks: nothing, where it does not have the award.
fn before<'a>(book: Book<'a>, code: &str, set: &RuleSet) -> Option<Before<'a>> {
    let (base, _) = book.law.line(&set.id).get(1)?;
    let award = book.law.award_in(code, base)?;
    Some((base, &award.criteria))
}

/// A criterion without what does not change its meaning.
fn bare(criterion: &Criterion) -> Criterion {
    Criterion {
        of_award: String::new(),
        replaces: None,
        article: None,
        ..criterion.clone()
    }
}

fn holds(criteria: &[Criterion], one: &Criterion) -> bool {
    criteria.iter().any(|other| bare(other) == bare(one))
}

/// How the criteria of a rule set are shown.
struct Shown<'a> {
    book: Book<'a>,
    code: &'a str,
    /// What stands above all criteria.
    article: Option<&'a str>,
    /// What the base asked: the rest is new.
    base: Option<Before<'a>>,
    /// What was shown before: a way that asks the same is only named.
    above: &'a [Criterion],
}

impl Shown<'_> {
    fn is_new(&self, criterion: &Criterion) -> bool {
        self.base.is_some_and(|(_, old)| !holds(old, criterion))
    }

    fn same(&self, criteria: &[Criterion], path: &str) -> bool {
        let of = |all: &[Criterion]| -> Vec<Criterion> { all.iter().filter(|c| c.path == path).map(bare).collect() };
        !self.above.is_empty() && of(self.above) == of(criteria)
    }

    fn line(&self, criterion: &Criterion) -> String {
        line(self.book, self.code, criterion, self.article)
    }

    fn ways(&self, criteria: &[Criterion]) -> String {
        let book = self.book;
        let mut text = String::new();
        let mut paths: Vec<&str> = Vec::new();
        for criterion in criteria {
            if !paths.contains(&criterion.path.as_str()) {
                paths.push(&criterion.path);
            }
        }
        let (same, paths): (Vec<&str>, Vec<&str>) = paths.into_iter().partition(|path| self.same(criteria, path));
        if !same.is_empty() {
            let named: Vec<String> = same.iter().map(|path| way(book, path)).collect();
            let _ = writeln!(text, "{}: {}.\n", book.pick("Như trên", "As above"), named.join("; "));
        }
        if paths.contains(&ALWAYS) {
            let _ = writeln!(text, "**{}**\n", book.pick("Luôn phải có:", "Always:"));
            for criterion in criteria.iter().filter(|c| c.path == ALWAYS) {
                let _ = writeln!(
                    text,
                    "- {}{}",
                    self.line(criterion),
                    newly(book, self.is_new(criterion))
                );
            }
            text.push('\n');
        }
        let ways: Vec<&str> = paths.into_iter().filter(|path| *path != ALWAYS).collect();
        let one_of = match (ways.len() + same.len(), book.lang) {
            _ if ways.is_empty() => "",
            (1, Lang::Vi) => "**Theo đường:**\n\n",
            (1, Lang::En) => "**By the way of:**\n\n",
            (_, Lang::Vi) => "**Theo một trong các đường:**\n\n",
            (_, Lang::En) => "**By one of these ways:**\n\n",
        };
        text.push_str(one_of);
        for path in &ways {
            let of: Vec<&Criterion> = criteria.iter().filter(|c| c.path == *path).collect();
            let all_new = of.iter().all(|c| self.is_new(c));
            let _ = writeln!(text, "- {}{}", way(book, path), newly(book, all_new));
            for criterion in of {
                let mark = newly(book, self.is_new(criterion) && !all_new);
                let _ = writeln!(text, "  - {}{mark}", self.line(criterion));
            }
        }
        if !ways.is_empty() {
            text.push('\n');
        }
        self.gone(criteria, &mut text);
        text
    }

    /// Ways that the base had and this one does not; a way that only changed is shown with the base.
    fn gone(&self, criteria: &[Criterion], text: &mut String) {
        let Some((base, old)) = self.base else { return };
        let mut gone: Vec<&str> = Vec::new();
        for path in old.iter().map(|c| c.path.as_str()) {
            if criteria.iter().all(|c| c.path != path) && !gone.contains(&path) {
                gone.push(path);
            }
        }
        if !gone.is_empty() {
            let named: Vec<String> = gone.iter().map(|path| way(self.book, path)).collect();
            let no_longer = self.book.pick("Không còn so với", "No longer, as it was in");
            let _ = writeln!(text, "{no_longer} `{base}`: {}.\n", named.join("; "));
        }
    }
}

/// A rule set that only borrows: what is its own, and what it does without.
fn borrowed(book: Book<'_>, set: &RuleSet, award: &AwardRule, base: &str, from: &[Criterion]) -> String {
    let mut text = format!("### {}\n\n", book.set(set));
    let own: Vec<&Criterion> = award.criteria.iter().filter(|c| !holds(from, c)).collect();
    let gone: Vec<&Criterion> = from.iter().filter(|c| !holds(&award.criteria, c)).collect();
    let rest = award.criteria.len() > own.len();
    if rest {
        let _ = match book.lang {
            Lang::Vi => writeln!(
                text,
                "Mượn của `{base}`, không dẫn điều vì điều đó chưa có hiệu lực{}.\n",
                if own.is_empty() && gone.is_empty() {
                    ""
                } else {
                    ", trừ những điểm sau"
                }
            ),
            Lang::En => writeln!(
                text,
                "Borrowed from `{base}`, without an article, since that one was not in force{}.\n",
                if own.is_empty() && gone.is_empty() {
                    ""
                } else {
                    ", but for the following"
                }
            ),
        };
    }
    if !own.is_empty() {
        let _ = writeln!(text, "{}\n", book.pick("Quy định riêng:", "Its own:"));
        text.push_str(&scattered(book, &award.code, &own));
        text.push('\n');
    }
    if !gone.is_empty() {
        let _ = writeln!(text, "{} `{base}`:\n", book.pick("Không có như trong", "Not as in"));
        text.push_str(&scattered(book, &award.code, &gone));
        text.push('\n');
    }
    text
}

/// Criteria out of their ways: each says its own.
fn scattered(book: Book<'_>, code: &str, criteria: &[&Criterion]) -> String {
    criteria.iter().fold(String::new(), |mut text, criterion| {
        let path = way(book, &criterion.path);
        let _ = writeln!(text, "- {path}: {}", line(book, code, criterion, None));
        text
    })
}

/// A way by its name and its code, since the code is what a verdict shows.
fn way(book: Book<'_>, path: &str) -> String {
    if path == ALWAYS {
        return book.pick("**luôn phải có**", "**always**").to_owned();
    }
    codes::path(path).map_or_else(
        || format!("`{path}`"),
        |(vi, en)| format!("**{}** (`{path}`)", book.lang.pick(vi, en)),
    )
}

fn newly(book: Book<'_>, new: bool) -> &'static str {
    match (new, book.lang) {
        (false, _) => "",
        (true, Lang::Vi) => " — **mới**",
        (true, Lang::En) => " — **new**",
    }
}

/// One criterion in words, with its type, for whom it is, its article unless it stands `above`, and its mark.
fn line(book: Book<'_>, code: &str, criterion: &Criterion, above: Option<&str>) -> String {
    let plain = Criterion {
        confirmed: true,
        ..criterion.clone()
    };
    let note = book.law.in_words(&plain);
    let words = book.lang.pick(&note.vi, &note.en);
    let mut named = criterion.awards();
    named.extend(criterion.of.as_deref());
    named.extend(criterion.or_title.iter().map(String::as_str));
    named.retain(|other| *other != code);
    let mut text = book.linked(words, &named, "");
    if book.lang == Lang::Vi
        && let (Some(wording), None) = (&criterion.text, &criterion.text_vi)
    {
        let _ = write!(text, " [*tiếng Anh:* {wording}]");
    }
    for (vi, en, codes) in [
        ("chỉ với", "only for", &criterion.only_for),
        ("thuộc", "of the", &criterion.force),
        ("do", "launched by", &criterion.launched_by),
        ("lĩnh vực", "fields:", &criterion.fields),
    ] {
        if !codes.is_empty() {
            let words: Vec<&str> = codes.iter().map(|code| group(book, code)).collect();
            let launched = if vi == "do" && book.lang == Lang::Vi {
                " phát động"
            } else {
                ""
            };
            let _ = write!(text, " ({} {}{launched})", book.pick(vi, en), words.join(", "));
        }
    }
    let award = book.newest(code);
    if award.is_some_and(|award| award.recipient == Recipient::Both) && criterion.recipient != Recipient::Both {
        let (vi, en) = terms::recipient(criterion.recipient);
        let _ = write!(text, " · {}", book.pick(vi, en));
    }
    let _ = write!(text, " · `{}`", criterion.id.as_ref().unwrap_or(&criterion.kind));
    let article = criterion.article.as_deref().filter(|article| Some(*article) != above);
    text.push_str(&book.source(article, criterion.confirmed));
    text
}

fn group<'a>(book: Book<'_>, code: &'a str) -> &'a str {
    codes::group(code).map_or(code, |(vi, en)| book.lang.pick(vi, en))
}
