//! What a command prints: tables and lists for people, JSON for programs, failures for both.

use std::io::Write as _;

use serde::Serialize;
use serde_json::{Map, Value, json};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::{
    client::Failure,
    words::{deadline, heading, spoken},
};

/// Exit status: refused, or not as it should be.
pub const REFUSED: u8 = 1;
/// Exit status: bad usage or input.
pub const BAD_INPUT: u8 = 2;
/// Exit status: the service cannot be reached.
pub const UNREACHABLE: u8 = 3;

/// How results are printed.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// JSON instead of text for people.
    pub json: bool,
}

/// Something that commands show.
pub trait Record {
    /// Fields that a table shows.
    const TABLE: &'static [&'static str];
    /// Fields that the view of a single one shows.
    const DETAIL: &'static [&'static str];
    /// The whole of it, with words for enums, ISO 8601 for times, and objects for texts that hold JSON.
    fn json(&self) -> Value;
}

impl Output {
    /// One record: an object, or a list of its fields.
    pub fn one<R: Record>(self, record: &R) {
        let value = record.json();
        self.result(&value, || details(&value, R::DETAIL));
    }

    /// Many records: an array, or a table.
    pub fn many<R: Record>(self, records: &[R]) {
        let values: Vec<Value> = records.iter().map(Record::json).collect();
        if self.json {
            print_json(&Value::Array(values));
        } else {
            say(&record_table(&values, R::TABLE));
        }
    }

    /// One record of a stream: an object on one line, or its table fields on one line.
    pub fn line<R: Record>(self, record: &R) {
        let value = record.json();
        if self.json {
            say(&value.to_string());
        } else {
            let cells: Vec<String> = R::TABLE.iter().map(|key| cell(key, &value[*key])).collect();
            say(&cells.join("  "));
        }
    }

    /// A result that is no record: JSON, or text for people.
    pub fn result(self, value: &Value, text: impl FnOnce() -> String) {
        if self.json {
            print_json(value);
        } else {
            say(&text());
        }
    }
}

fn print_json(value: &Value) {
    say(&format!("{value:#}"));
}

/// A line of results.
pub fn say(text: &str) {
    // A reader that has seen enough (`| head`) is no failure.
    if writeln!(std::io::stdout(), "{}", text.trim_end()).is_err() {
        std::process::exit(0);
    }
}

/// A line beside the results.
pub fn note(text: &str) {
    eprintln!("{text}");
}

/// A message as JSON, with its times and JSON texts opened.
pub fn plain(message: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(message).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        open(fields);
    }
    value
}

fn open(fields: &mut Map<String, Value>) {
    for (key, value) in fields {
        match (key.as_str(), &*value) {
            ("at" | "updated_at" | "convened_at" | "declared_at" | "next_attempt_at", Value::Number(micros)) => {
                *value = json!(instant(micros.as_i64().unwrap_or_default()));
            }
            ("content" | "check" | "route" | "minutes", Value::String(text)) => {
                if let Ok(inner) = serde_json::from_str(text) {
                    *value = inner;
                }
            }
            _ => {}
        }
    }
}

/// Microseconds since 1970 as ISO 8601 in Viet Nam, which is at UTC+7 all year; empty for 0.
pub fn instant(micros: i64) -> String {
    if micros == 0 {
        return String::new();
    }
    let viet_nam = UtcOffset::from_hms(7, 0, 0).unwrap_or(UtcOffset::UTC);
    OffsetDateTime::from_unix_timestamp(micros.div_euclid(1_000_000))
        .ok()
        .and_then(|at| at.to_offset(viet_nam).format(&Rfc3339).ok())
        .unwrap_or_else(|| micros.to_string())
}

fn cell(key: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "có (yes)".to_owned(),
        Value::Bool(false) => "không (no)".to_owned(),
        Value::Number(number) if key == "bonus_vnd" && number.as_i64() == Some(0) => String::new(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => spoken(key, text),
        Value::Array(items) => items.iter().map(|item| cell(key, item)).collect::<Vec<_>>().join(", "),
        Value::Object(fields) if key == "deadlines" => deadline(fields),
        // A text for people, Vietnamese first.
        Value::Object(fields) if fields.len() == 2 && fields.contains_key("vi") && fields.contains_key("en") => {
            format!("{} / {}", cell("", &value["vi"]), cell("", &value["en"]))
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| format!("{key}={}", cell("", value)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// The view of a single record, for people.
pub fn text_of<R: Record>(record: &R) -> String {
    details(&record.json(), R::DETAIL)
}

fn details(value: &Value, keys: &[&str]) -> String {
    let rows: Vec<Vec<String>> = keys
        .iter()
        .map(|key| vec![heading(key).to_owned(), cell(key, &value[*key])])
        .filter(|row| !row[1].is_empty())
        .collect();
    aligned(&rows)
}

fn record_table(values: &[Value], keys: &[&str]) -> String {
    if values.is_empty() {
        return "(không có gì / nothing)".to_owned();
    }
    // A column that is empty in every row says nothing.
    let keys: Vec<&str> = keys
        .iter()
        .copied()
        .filter(|key| values.iter().any(|value| !cell(key, &value[*key]).is_empty()))
        .collect();
    let headings = keys.iter().map(|key| heading(key).to_owned()).collect();
    let rows = values
        .iter()
        .map(|value| keys.iter().map(|key| cell(key, &value[*key])).collect());
    aligned(&std::iter::once(headings).chain(rows).collect::<Vec<_>>())
}

/// Rows under one another. Our texts are NFC, so that a character is a column.
pub fn aligned(rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (column, text) in row.iter().enumerate() {
            match widths.get_mut(column) {
                Some(width) => *width = (*width).max(text.chars().count()),
                None => widths.push(text.chars().count()),
            }
        }
    }
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(text, width)| format!("{text:<width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Tells a failure, and gives the exit status that stands for it.
pub fn report(error: &anyhow::Error, output: Output) -> u8 {
    let failure = error.downcast_ref::<Failure>();
    let text = match failure {
        // A context says what was being done, e.g. with which service.
        Some(failure) if error.chain().count() > 1 => format!("{error}\n{failure}"),
        Some(failure) => failure.to_string(),
        None => format!("{error:#}"),
    };
    note(&format!("vinhdanh: {text}"));
    let status = failure.map_or(BAD_INPUT, |failure| match failure.code {
        "UNAVAILABLE" => UNREACHABLE,
        "INVALID_ARGUMENT" => BAD_INPUT,
        _ => REFUSED,
    });
    if output.json {
        print_json(&json!({ "error": failure.map_or_else(|| input_error(&text), failure_json) }));
    }
    status
}

/// A refused call as data.
pub fn failure_json(failure: &Failure) -> Value {
    let fields: Map<String, Value> = failure
        .fields
        .iter()
        .map(|(field, text)| (field.clone(), json!(text)))
        .collect();
    json!({"code": failure.code, "reason": failure.reason, "vi": failure.vi, "en": failure.en, "fields": fields})
}

fn input_error(text: &str) -> Value {
    json!({"code": "INVALID_ARGUMENT", "reason": "BAD_INPUT", "vi": "", "en": text, "fields": {}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_by_characters_not_bytes() {
        let rows = [
            vec!["Đạt".to_owned(), "x".to_owned()],
            vec!["abcd".to_owned(), "y".to_owned()],
        ];
        assert_eq!(aligned(&rows), "Đạt   x\nabcd  y");
    }

    #[test]
    fn times_and_json_texts_are_opened() {
        let value =
            plain(&json!({"at": 1_757_898_000_000_000_i64, "route": "{\"stations\":[]}", "next_attempt_at": 0}));
        assert_eq!(value["at"], "2025-09-15T08:00:00+07:00");
        assert_eq!(value["route"]["stations"], json!([]));
        assert_eq!(value["next_attempt_at"], "");
    }

    #[test]
    fn the_exit_status_tells_refusal_from_input_and_silence() {
        let failure = |code| Failure {
            code,
            reason: String::new(),
            vi: String::new(),
            en: String::new(),
            fields: Vec::new(),
        };
        let status = |error: anyhow::Error| report(&error, Output { json: false });
        assert_eq!(status(failure("PERMISSION_DENIED").into()), REFUSED);
        assert_eq!(
            status(anyhow::Error::from(failure("UNAVAILABLE")).context("intake")),
            UNREACHABLE
        );
        assert_eq!(status(failure("INVALID_ARGUMENT").into()), BAD_INPUT);
        assert_eq!(status(anyhow::anyhow!("no such file")), BAD_INPUT);
    }
}
