//! The tables beside the awards: councils, limits, money, papers, posts.

use std::collections::BTreeSet;

use super::{Desk, Entry, Finding};
use crate::catalogue::matches;

/// What an entry of each list may say; a slip of the pen must not be silently nothing.
const FIELDS: [(&str, &[&str]); 13] = [
    ("vote", &["awards", "percent", "ballot", "article", "confirmed"]),
    ("state_council", &["awards", "quorum", "article", "confirmed"]),
    ("publication", &["awards", "days", "article", "confirmed"]),
    (
        "limit",
        &["step", "level", "awards", "days", "unit", "article", "confirmed"],
    ),
    (
        "bonus",
        &[
            "award",
            "individual",
            "collective",
            "household",
            "cap",
            "article",
            "article_collective",
            "article_household",
            "confirmed",
        ],
    ),
    ("absent", &["awards", "article", "confirmed"]),
    ("base_salary", &["from", "to", "vnd", "instrument", "confirmed"]),
    ("dossier", &["awards", "article", "items", "confirmed"]),
    ("document", &["code", "name_vi", "name_en", "due", "confirmed"]),
    ("authority", &["award", "decider", "article", "confirmed"]),
    ("drop", &["of_award", "path", "article", "confirmed"]),
    ("pending", &["award", "change", "article", "confirmed"]),
    ("year", &["year", "off", "worked", "confirmed", "note"]),
];

pub(super) fn check(desk: &mut Desk<'_>) {
    let mut found = Vec::new();
    let codes: BTreeSet<String> = {
        let sets = desk.law.rule_sets().iter();
        sets.flat_map(|set| desk.law.layer(&set.id).award.iter().map(|award| award.code.clone()))
            .collect()
    };
    let papers: BTreeSet<&str> = desk
        .lists("document")
        .filter_map(|entry| entry.value["code"].as_str())
        .collect();
    let named = desk.lists("post").chain(desk.lists("rank"));
    let posts: BTreeSet<&str> = named
        .flat_map(|entry| entry.strings("id").chain(entry.strings("rank")))
        .collect();
    for entry in &desk.entries {
        fields(entry, &mut found);
        confirmed(entry, &mut found);
        if entry.rule_set().is_none() {
            continue;
        }
        for pattern in entry.strings("awards").filter(|pattern| *pattern != "*") {
            if !codes.iter().any(|code| matches(pattern, code)) {
                found.push(entry.error(
                    "MATCHES_NOTHING",
                    format!("awards: \"{pattern}\" không khớp hình thức nào"),
                    format!("awards: \"{pattern}\" names no award"),
                ));
            }
        }
        figures(entry, &mut found);
        for kind in items(entry).filter(|kind| !papers.contains(kind)) {
            found.push(entry.error(
                "UNKNOWN_DOCUMENT",
                format!("items: không có loại giấy tờ {kind}"),
                format!("items: there is no paper {kind} in documents.toml"),
            ));
        }
        if entry.list == "row" {
            for post in entry.strings("posts").filter(|post| !posts.contains(post)) {
                found.push(entry.error(
                    "UNKNOWN_POST",
                    format!("posts: không có chức vụ {post}"),
                    format!("posts: there is no post or rank {post} in contribution.toml"),
                ));
            }
        }
    }
    desk.found.extend(found);
}

fn fields(entry: &Entry, found: &mut Vec<Finding>) {
    let Some((_, known)) = FIELDS.iter().find(|(list, _)| *list == entry.list) else {
        return;
    };
    let keys = entry.value.as_object().into_iter().flat_map(|object| object.keys());
    for key in keys.filter(|key| !known.contains(&key.as_str())) {
        found.push(entry.error(
            "UNKNOWN_FIELD",
            format!("không có trường {key}; chỉ có {}", known.join(", ")),
            format!("there is no field {key}; there are {}", known.join(", ")),
        ));
    }
}

/// A fact says whether it was read in a source; what one entry leaves open is never taken for read.
fn confirmed(entry: &Entry, found: &mut Vec<Finding>) {
    let facts = [
        "award",
        "criteria",
        "vote",
        "publication",
        "limit",
        "bonus",
        "authority",
        "base_salary",
        "year",
    ];
    if facts.contains(&entry.list.as_str()) && !entry.value["confirmed"].is_boolean() {
        found.push(entry.error("NOT_MARKED", "thiếu confirmed", "confirmed is not given"));
    }
    if entry.value["confirmed"] == true && entry.list == "authority" && !entry.value["article"].is_string() {
        found.push(entry.warning(
            "NO_ARTICLE",
            "đã xác nhận nhưng không có điều",
            "confirmed, but no article is given",
        ));
    }
}

fn figures(entry: &Entry, found: &mut Vec<Finding>) {
    let number = |key: &str| entry.value[key].as_u64();
    if number("percent").is_some_and(|percent| percent > 100) {
        found.push(entry.error("OUT_OF_RANGE", "percent quá 100", "percent is over 100"));
    }
    if matches!(entry.list.as_str(), "limit" | "publication")
        && number("days").is_some_and(|days| days == 0 || days > 3_660)
    {
        found.push(entry.error(
            "OUT_OF_RANGE",
            "days phải từ 1 đến 3660",
            "days must be between 1 and 3,660",
        ));
    }
    let quorum: Vec<u64> = entry.value["quorum"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_u64)
        .collect();
    if let [num, den] = quorum[..]
        && (den == 0 || num > den)
    {
        found.push(entry.error(
            "OUT_OF_RANGE",
            "quorum phải từ 0 đến 1",
            "quorum must be a share of all",
        ));
    }
    let ends = entry.value["upper"] == "below";
    if ends
        && number("to_years")
            .zip(number("min_years"))
            .is_some_and(|(to, min)| to <= min)
    {
        found.push(entry.error(
            "NEVER_MET",
            "to_years không lớn hơn min_years",
            "to_years is not above min_years",
        ));
    }
}

fn items(entry: &Entry) -> impl Iterator<Item = &str> {
    let items = entry.value["items"].as_array().into_iter().flatten();
    items.filter_map(|item| item["kind"].as_str())
}
