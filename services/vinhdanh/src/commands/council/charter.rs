//! A council's charter as a file (TOML): what is left out is empty, what is not known is an error.

use std::path::Path;

use anyhow::Context as _;
use proto::council::v1::{Charter, Holder, Regulation, Seat};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::output::{Record, plain};

/// Lays what is written over what a message is by default.
fn over<T: Default + Serialize>(written: Map<String, Value>, at: &str) -> anyhow::Result<Map<String, Value>> {
    let Value::Object(mut whole) = serde_json::to_value(T::default())? else {
        anyhow::bail!("{at}: expected a table");
    };
    for (key, value) in written {
        let known = whole.get_mut(&key);
        *known.with_context(|| format!("{at}: không có mục `{key}` / there is no field `{key}`"))? = value;
    }
    Ok(whole)
}

/// The same for each entry of a list of tables.
fn each(
    whole: &mut Map<String, Value>,
    key: &str,
    at: &str,
    fill: impl Fn(Map<String, Value>, &str) -> anyhow::Result<Map<String, Value>>,
) -> anyhow::Result<()> {
    let Some(Value::Array(entries)) = whole.get_mut(key) else {
        anyhow::bail!("{at}.{key}: expected a list of tables");
    };
    for (number, entry) in entries.iter_mut().enumerate() {
        let at = format!("{at}.{key}[{number}]");
        let Value::Object(table) = entry.take() else {
            anyhow::bail!("{at}: expected a table");
        };
        *entry = Value::Object(fill(table, &at)?);
    }
    Ok(())
}

fn typed<T: DeserializeOwned>(whole: Map<String, Value>) -> anyhow::Result<T> {
    Ok(serde_json::from_value(Value::Object(whole))?)
}

/// Understands a charter.
pub fn parse(text: &str) -> anyhow::Result<Charter> {
    let written: Map<String, Value> = toml::from_str(text)?;
    let mut whole = over::<Charter>(written, "charter")?;
    each(&mut whole, "seats", "charter", |seat, at| {
        let mut seat = over::<Seat>(seat, at)?;
        each(&mut seat, "holders", at, over::<Holder>)?;
        Ok(seat)
    })?;
    if let Some(Value::Object(own)) = whole.get_mut("regulation") {
        *own = over::<Regulation>(std::mem::take(own), "charter.regulation")?;
    }
    typed(whole)
}

/// Reads a charter's file.
pub fn read(file: &Path) -> anyhow::Result<Charter> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("không đọc được / cannot read {}", file.display()))?;
    parse(&text).with_context(|| format!("{}", file.display()))
}

impl Record for proto::council::v1::Council {
    const TABLE: &'static [&'static str] = &["agency", "kind", "dissolved_on", "etag"];
    const DETAIL: &'static [&'static str] = &["agency", "kind", "roster", "charters", "dissolved_on", "etag"];

    fn json(&self) -> Value {
        plain(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_empty_and_what_is_unknown_is_told() {
        let charter = parse(
            r#"
            from = "2026-01-01"
            document = "12/QĐ-UBND"
            [[seats]]
            post = "Chủ tịch UBND tỉnh"
            function = "chair"
            holders = [{subject = "m1@tinh-hung-yen", name = "Bà Một"}]
            [regulation]
            quorum_num = 3
            quorum_den = 4
            "#,
        )
        .expect("a charter");
        assert_eq!(charter.seats[0].holders[0].name, "Bà Một");
        assert_eq!(charter.regulation.expect("a regulation").quorum_den, 4);
        let wrong = parse("from = \"2026-01-01\"\n[[seats]]\nseat = 1").expect_err("unknown");
        assert!(wrong.to_string().contains("charter.seats[0]"), "{wrong}");
    }
}
