//! Rule sets one after the other, base salaries, and days off.

use time::{Date, Weekday};

use super::{Desk, Entry, Finding, Severity};
use crate::files::RULE_SET;

pub(super) fn check(desk: &mut Desk<'_>) {
    rule_sets(desk);
    salaries(desk);
    calendar(desk);
}

fn rule_sets(desk: &mut Desk<'_>) {
    let finding = |id: &str, severity, code, vi: String, en: String| Finding {
        severity,
        code,
        file: format!("{id}/{RULE_SET}"),
        place: String::new(),
        vi,
        en,
    };
    let sets = desk.law.rule_sets();
    for set in sets {
        let (from, to) = (set.in_force_from, set.in_force_to);
        if to <= from {
            desk.found.push(finding(
                &set.id,
                Severity::Error,
                "EMPTY_INTERVAL",
                format!("hiệu lực từ {from} nhưng hết ngày {to}"),
                format!("in force from {from}, but until {to}"),
            ));
        }
        for level in &set.local_levels {
            if !matches!(level.as_str(), "xa" | "huyen" | "tinh") {
                desk.found.push(finding(
                    &set.id,
                    Severity::Error,
                    "UNKNOWN_LEVEL",
                    format!("không có cấp {level}; chỉ có xa, huyen, tinh"),
                    format!("local level {level} is none of xa, huyen, tinh"),
                ));
            }
        }
    }
    for pair in sets.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        let (end, start) = (before.in_force_to, after.in_force_from);
        let (severity, reason, vi, en) = if start == before.in_force_from {
            (
                Severity::Error,
                "SAME_START",
                format!("cùng bắt đầu ngày {start} với {}", before.id),
                format!("starts on {start}, as {} does", before.id),
            )
        } else if end < start {
            (
                Severity::Error,
                "GAP",
                format!("từ {end} đến trước {start} không có bộ quy định nào"),
                format!("no rule set is in force from {end} until {start}"),
            )
        } else if start < end {
            (
                Severity::Warning,
                "OVERLAP",
                format!("{} còn hiệu lực đến {end}; từ {start} bộ này được áp dụng", before.id),
                format!("{} is in force until {end}; from {start} this one counts", before.id),
            )
        } else {
            continue;
        };
        desk.found.push(finding(&after.id, severity, reason, vi, en));
    }
}

fn day(entry: &Entry, key: &str) -> Option<Date> {
    serde_json::from_value(entry.value[key].clone()).ok()
}

fn salaries(desk: &mut Desk<'_>) {
    let mut found = Vec::new();
    let mut spans: Vec<(Date, Option<Date>, &Entry)> = desk
        .lists("base_salary")
        .filter_map(|entry| Some((day(entry, "from")?, day(entry, "to"), entry)))
        .collect();
    spans.sort_by_key(|span| span.0);
    for pair in spans.windows(2) {
        let ((from, to, _), (next, _, entry)) = (pair[0], pair[1]);
        if to != Some(next) {
            let to = to.map_or_else(|| "…".to_owned(), |to| to.to_string());
            found.push(entry.error(
                "SALARY_DATES",
                format!("mức trước từ {from} đến {to}, mức này từ {next}"),
                format!("the one before runs from {from} to {to}, this one from {next}"),
            ));
        }
    }
    desk.found.extend(found);
}

fn calendar(desk: &mut Desk<'_>) {
    let mut found = Vec::new();
    let weekend = |day: Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let mut years = Vec::new();
    for entry in desk.lists("year") {
        let year = entry.value["year"].as_i64().unwrap_or_default();
        years.push(year);
        let days = |key: &str| -> Vec<Date> {
            let days = entry.strings(key).map(|text| serde_json::from_value(text.into()));
            days.filter_map(Result::ok).collect()
        };
        for off in days("off").into_iter().filter(|day| weekend(*day)) {
            found.push(entry.warning(
                "OFF_ANYWAY",
                format!("{off} là ngày cuối tuần"),
                format!("{off} is a weekend day"),
            ));
        }
        for worked in days("worked").into_iter().filter(|day| !weekend(*day)) {
            found.push(entry.error(
                "WORKED_ANYWAY",
                format!("{worked} không phải ngày cuối tuần"),
                format!("{worked} is no weekend day"),
            ));
        }
        for other in days("off").into_iter().chain(days("worked")) {
            let eve = i64::from(other.year()) + 1 == year && other.month() == time::Month::December;
            if i64::from(other.year()) != year && !eve {
                found.push(entry.error(
                    "OTHER_YEAR",
                    format!("{other} không thuộc năm {year}"),
                    format!("{other} is not in {year}"),
                ));
            }
        }
    }
    for set in desk.law.rule_sets() {
        let last = set.in_force_to.previous_day().unwrap_or(set.in_force_to);
        let missing: Vec<String> = (set.in_force_from.year()..=last.year())
            .filter(|year| !years.contains(&i64::from(*year)))
            .map(|year| year.to_string())
            .collect();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            found.push(Finding {
                severity: Severity::Warning,
                code: "NO_CALENDAR",
                file: "calendar.toml".to_owned(),
                place: String::new(),
                vi: format!(
                    "chưa có lịch năm {missing}, khi {} có hiệu lực: không tính được thời hạn",
                    set.id
                ),
                en: format!(
                    "no data for {missing}, while {} is in force: deadlines there are refused",
                    set.id
                ),
            });
        }
    }
    desk.found.extend(found);
}
