//! Awards and their criteria: known codes, paths that someone can go, awards that someone can reach.

use std::collections::{BTreeMap, BTreeSet};

use super::{Desk, Entry, Finding, Severity};
use crate::{AwardRule, CRITERION_TYPES, Criterion, Law};

/// Criteria that build on an award held before; all others can be met without one.
const BUILDS_ON: [&str; 4] = [
    "prior-award",
    "title-count",
    "same-year-title",
    "years-since-prior-award",
];

pub(super) fn check(desk: &mut Desk<'_>) {
    let mut found = Vec::new();
    for entry in desk.lists("award").filter(|entry| entry.rule_set().is_some()) {
        award(entry, &mut found);
    }
    let mut seen = BTreeSet::new();
    for entry in desk.lists("award") {
        let code = entry.value["code"].as_str().unwrap_or_default();
        if !seen.insert((entry.file.as_str(), code)) {
            found.push(entry.error(
                "DUPLICATE",
                format!("mã {code} có hai lần"),
                format!("{code} stands here twice"),
            ));
        }
    }
    for entry in desk.lists("criteria") {
        criterion(desk.law, entry, &mut found);
    }
    for list in ["authority", "ended", "pending"] {
        for entry in desk.lists(list) {
            for key in ["award", "successor"] {
                known(desk.law, entry, key, &mut found);
            }
        }
    }
    for entry in desk.lists("drop") {
        known(desk.law, entry, "of_award", &mut found);
        if !inherits(desk.law, entry, |c| c.path == entry.value["path"]) {
            found.push(entry.warning(
                "DROPS_NOTHING",
                "bộ quy định gốc không có đường này",
                "what it inherits has no such path",
            ));
        }
    }
    for set in desk.law.rule_sets() {
        ways(desk.law, &set.id, &mut found);
    }
    desk.found.extend(found);
}

fn award(entry: &Entry, found: &mut Vec<Finding>) {
    let code = entry.value["code"].as_str().unwrap_or_default();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if code.is_empty() || !code.chars().all(plain) {
        found.push(entry.error(
            "BAD_CODE",
            format!("mã \"{code}\" chỉ được gồm a-z, 0-9 và dấu nối"),
            format!("code \"{code}\" may hold a-z, 0-9 and hyphens only"),
        ));
    }
    for key in ["name_vi", "name_en"] {
        if entry.value[key].as_str().is_none_or(|name| name.trim().is_empty()) {
            found.push(entry.error("NO_NAME", format!("thiếu {key}"), format!("{key} is empty")));
        }
    }
}

fn known(law: &Law, entry: &Entry, key: &str, found: &mut Vec<Finding>) {
    for code in entry.strings(key).filter(|code| !law.knows_award(code)) {
        found.push(entry.error(
            "UNKNOWN_AWARD",
            format!("{key}: không có mã khen thưởng {code}"),
            format!("{key}: there is no award {code}"),
        ));
    }
}

/// Whether a criterion like this is among those that the entry's rule set inherits for the award.
fn inherits(law: &Law, entry: &Entry, like: impl Fn(&Criterion) -> bool) -> bool {
    let set = entry.rule_set().unwrap_or_default();
    let base = law.line(set).get(1).map_or("", |(base, _)| base);
    let award = law.award_in(entry.value["of_award"].as_str().unwrap_or_default(), base);
    award.is_some_and(|award| award.criteria.iter().any(like))
}

fn criterion(law: &Law, entry: &Entry, found: &mut Vec<Finding>) {
    let kind = entry.value["type"].as_str().unwrap_or_default();
    // `any_of` of a kind of recipient names kinds of agencies.
    let awards: &[&str] = if kind == "recipient-kind" {
        &["of_award"]
    } else {
        &["of_award", "award", "any_of", "none_of", "or_title"]
    };
    for key in awards {
        known(law, entry, key, found);
    }
    if !CRITERION_TYPES.contains(&kind) {
        found.push(entry.error(
            "UNKNOWN_TYPE",
            format!("không có loại tiêu chuẩn {kind}"),
            format!(
                "there is no criterion of type {kind}; there are {}",
                CRITERION_TYPES.join(", ")
            ),
        ));
    }
    let number = |key: &str| entry.value[key].as_u64();
    let never = number("min")
        .zip(number("below"))
        .is_some_and(|(min, below)| below <= min)
        || number("min_percent").is_some_and(|percent| percent > 100)
        || number("more_than_percent").is_some_and(|percent| percent >= 100)
        || BUILDS_ON.contains(&kind) && number("times") == Some(0);
    if never {
        found.push(entry.error("NEVER_MET", "không ai đạt được số này", "nobody can meet these figures"));
    }
    if BUILDS_ON.contains(&kind) && entry.strings("award").chain(entry.strings("any_of")).next().is_none() {
        found.push(entry.error(
            "NO_AWARD",
            "thiếu award hoặc any_of",
            "neither award nor any_of is given",
        ));
    }
    if entry.value["replaces"].is_string() && !inherits(law, entry, |c| c.path == entry.value["path"] && c.kind == kind)
    {
        found.push(entry.warning(
            "REPLACES_NOTHING",
            "bộ quy định gốc không có tiêu chuẩn này để thay",
            "what it inherits has no such criterion; the entry is added",
        ));
    }
}

/// Paths that no candidate can go, and awards that build on themselves.
fn ways(law: &Law, rule_set: &str, found: &mut Vec<Finding>) {
    let finding = |severity, code, award: &AwardRule, vi: String, en: String| Finding {
        severity,
        code,
        file: format!("{rule_set}/awards.toml"),
        place: award.code.clone(),
        vi,
        en,
    };
    let awards = law.awards(rule_set);
    // What can be reached grows until it grows no more; what is left over builds on itself.
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    loop {
        let known = |code: &str| reached.contains(code) || awards.iter().all(|award| award.code != code);
        let next: Vec<&str> = awards
            .iter()
            .filter(|award| !reached.contains(award.code.as_str()) && within_reach(award, known))
            .map(|award| award.code.as_str())
            .collect();
        if next.is_empty() {
            break;
        }
        reached.extend(next);
    }
    let known = |code: &str| reached.contains(code) || awards.iter().all(|award| award.code != code);
    for award in &awards {
        if !reached.contains(award.code.as_str()) {
            found.push(finding(
                Severity::Error,
                "UNREACHABLE_AWARD",
                award,
                "mọi đường đều đòi một hình thức mà chính nó đòi hình thức này".to_owned(),
                "every path builds on an award that builds on this one".to_owned(),
            ));
        }
        for (path, _) in paths(award)
            .iter()
            .filter(|(_, criteria)| !criteria.iter().all(|c| holds(c, known)))
        {
            found.push(finding(
                Severity::Warning,
                "UNREACHABLE_PATH",
                award,
                format!("đường {path} đòi một hình thức không ai đạt được"),
                format!("path {path} builds on an award that nobody can reach"),
            ));
        }
    }
}

/// Whether someone can meet the criterion, as far as it builds on other awards.
fn holds(c: &Criterion, known: impl Fn(&str) -> bool) -> bool {
    let awards = c.awards();
    !BUILDS_ON.contains(&c.kind.as_str()) || c.meets_standard || awards.is_empty() || awards.iter().any(|a| known(a))
}

fn paths(award: &AwardRule) -> BTreeMap<&str, Vec<&Criterion>> {
    let mut paths: BTreeMap<&str, Vec<&Criterion>> = BTreeMap::new();
    for criterion in &award.criteria {
        paths.entry(&criterion.path).or_default().push(criterion);
    }
    paths
}

fn within_reach(award: &AwardRule, known: impl Fn(&str) -> bool) -> bool {
    let holds = |c: &&Criterion| holds(c, &known);
    let paths = paths(award);
    let always = paths.get("*").is_none_or(|criteria| criteria.iter().all(holds));
    let mut others = paths.iter().filter(|(path, _)| **path != "*").peekable();
    always && (others.peek().is_none() || others.any(|(_, criteria)| criteria.iter().all(holds)))
}
