//! The answer for people: all, the matrix of verdicts, the groups, and the first of the dossiers that changed.

use law::Agencies;
use serde_json::Value;

use super::{
    group::KINDS,
    outcome::{NO_PERSON, NOT_JUDGED, NOT_STATED},
};
use crate::{output::aligned, words::spoken};

/// Changed dossiers and errors that are shown; `--report` and `--json` hold more.
const SHOWN: usize = 20;

pub(super) fn told(value: &Value, agencies: &Agencies) -> String {
    let number = |key: &str| value[key].as_u64().unwrap_or_default();
    let total = number("total");
    let mut lines = vec![
        format!(
            "{total} hồ sơ (dossiers): {} được lợi (gain), {} bị thiệt (lose), {} như cũ (unchanged)",
            number("gains"),
            number("loses"),
            total - number("changed")
        ),
        format!(
            "Đủ điều kiện (eligible): {} → {}",
            share(number("eligible_before"), total),
            share(number("eligible_after"), total)
        ),
        String::new(),
        "Trước → sau (before → after)".to_owned(),
        indented(&matrix(value)),
    ];
    for kind in KINDS {
        let rows = list(&value["by"][kind]);
        lines.push(String::new());
        lines.push(heading(kind).to_owned());
        lines.push(indented(&groups(kind, rows, agencies)));
    }
    let difference = list(&value["difference"]);
    if !difference.is_empty() {
        lines.push(String::new());
        lines.push("Điều làm nên khác biệt (what made the difference)".to_owned());
        lines.push(indented(&turned(difference)));
    }
    let changed = list(&value["dossiers_changed"]);
    if !changed.is_empty() {
        lines.push(String::new());
        lines.push("Hồ sơ thay đổi (changed dossiers)".to_owned());
        lines.extend(changed.iter().take(SHOWN).map(dossier));
        let left = number("changed").saturating_sub(SHOWN as u64);
        if left > 0 {
            lines.push(format!("  … và {left} hồ sơ nữa: --report FILE (and {left} more)"));
        }
    }
    let errors = list(&value["errors"]);
    if !errors.is_empty() {
        lines.push(String::new());
        lines.push(format!("{} hồ sơ không xét được (not judged)", number("failed")));
        for error in errors.iter().take(SHOWN) {
            lines.push(format!("  {}: {}", word(&error["file"]), word(&error["error"])));
        }
    }
    lines.join("\n")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A count of a total, with percent to a tenth.
fn share(count: u64, total: u64) -> String {
    if total == 0 {
        return format!("{count}/{total}");
    }
    let tenths = (u128::from(count) * 1000 + u128::from(total) / 2) / u128::from(total);
    format!("{count}/{total} ({},{} %)", tenths / 10, tenths % 10)
}

fn verdict(code: &str) -> String {
    if code == NOT_JUDGED {
        return format!("không xét được ({NOT_JUDGED})");
    }
    spoken("verdict", code)
}

fn matrix(value: &Value) -> String {
    let rows: Vec<Vec<String>> = list(&value["matrix"])
        .iter()
        .map(|row| {
            let (before, after) = (word(&row["before"]), word(&row["after"]));
            let mark = if before == after { "=" } else { "→" };
            vec![
                row["count"].to_string(),
                verdict(before),
                mark.to_owned(),
                verdict(after),
            ]
        })
        .collect();
    aligned(&rows)
}

fn heading(kind: &str) -> &str {
    match kind {
        "level" => "Theo cấp quyết định (by level of decision)",
        "agency" => "Theo bộ, tỉnh (by ministry or province)",
        "sex" => "Theo giới tính (by sex)",
        "occupation" => "Theo nghề nghiệp, vị trí (by occupation)",
        "direct_worker" => "Người trực tiếp công tác, lao động (by direct worker)",
        "award" => "Theo danh hiệu, hình thức (by award)",
        other => other,
    }
}

fn groups(kind: &str, rows: &[Value], agencies: &Agencies) -> String {
    let head = [
        "",
        "Tổng (total)",
        "Được lợi (gain)",
        "Bị thiệt (lose)",
        "Đủ điều kiện (eligible)",
    ];
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rows = rows.iter().map(|row| {
        let number = |key: &str| row[key].as_u64().unwrap_or_default();
        let total = number("total");
        vec![
            name(kind, word(&row["group"]), agencies),
            total.to_string(),
            share(number("gains"), total),
            share(number("loses"), total),
            format!(
                "{} → {}",
                share(number("eligible_before"), total),
                share(number("eligible_after"), total)
            ),
        ]
    });
    aligned(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
}

fn name(kind: &str, code: &str, agencies: &Agencies) -> String {
    let vi = match (kind, code) {
        (_, NOT_STATED) => "không ghi",
        (_, NO_PERSON) => "tập thể, hộ gia đình",
        ("level", code) => return spoken("level", code),
        ("agency", code) => agencies.get(code).map_or("", |agency| agency.name.as_str()),
        ("sex", "female") => "nữ",
        ("sex", "male") => "nam",
        ("direct_worker", "yes") => "có",
        ("direct_worker", "no") => "không",
        ("occupation", code) => occupation(code),
        _ => "",
    };
    if vi.is_empty() {
        code.to_owned()
    } else {
        format!("{vi} ({code})")
    }
}

fn occupation(code: &str) -> &'static str {
    match code {
        "leader" => "lãnh đạo, quản lý",
        "official" => "cán bộ, công chức, viên chức",
        "teacher" => "giáo viên",
        "health-worker" => "nhân viên y tế",
        "worker" => "công nhân",
        "farmer" => "nông dân",
        "soldier" => "quân nhân",
        "police" => "công an",
        "artist" => "nghệ sĩ",
        "entrepreneur" => "doanh nhân",
        "other" => "khác",
        _ => "",
    }
}

fn turned(rows: &[Value]) -> String {
    let head = ["", "Nay thiếu (now lack)", "Hết thiếu (no longer lack)"];
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rows = rows.iter().map(|row| {
        vec![
            word(&row["code"]).to_owned(),
            row["now_lacks"].to_string(),
            row["no_longer_lacks"].to_string(),
        ]
    });
    aligned(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
}

fn dossier(row: &Value) -> String {
    let codes = |key: &str, sign: &str| -> String {
        let codes = list(&row[key]).iter().map(|code| format!(" {sign}{}", word(code)));
        codes.collect()
    };
    let reference = row["reference"]
        .as_str()
        .map_or_else(String::new, |reference| format!(" [{reference}]"));
    format!(
        "  {}{reference} {}: {} → {}{}{}",
        word(&row["file"]),
        word(&row["award"]),
        word(&row["before"]["verdict"]),
        word(&row["after"]["verdict"]),
        codes("now_lacks", "+"),
        codes("no_longer_lacks", "−")
    )
}
