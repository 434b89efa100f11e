//! The check of a sample by intake, compared with what it must say.

use anyhow::Context;
use proto::intake::v1::CheckDossierRequest;
use serde_json::{Value, json};

use super::{office::Office, samples::Sample};
use crate::{client::Failure, words::spoken};

/// A check, as `dossier check --json` prints it, and where it is not as it must be.
pub struct Checked {
    check: Value,
    candidate: String,
    /// One line for each difference.
    pub problems: Vec<String>,
}

/// Has intake judge a sample's file.
pub async fn check(office: &Office, sample: &Sample) -> anyhow::Result<Checked> {
    let request = CheckDossierRequest {
        content: sample.content.to_owned(),
        on: String::new(),
    };
    let answer = office
        .auditor()
        .intake()
        .check_dossier(request)
        .await
        .map_err(Failure::from);
    let answer = answer.with_context(|| format!("{}: check", sample.name))?.into_inner();
    let check: Value = serde_json::from_str(&answer.check).context("the check is not JSON")?;
    let file: Value = serde_json::from_str(sample.content)?;
    let candidate = file["candidate"]["name"].as_str().unwrap_or_default().to_owned();
    let problems = compare(&check, sample);
    Ok(Checked {
        check,
        candidate,
        problems,
    })
}

fn compare(check: &Value, sample: &Sample) -> Vec<String> {
    let expected = &sample.expected;
    let mut problems = Vec::new();
    let mut same = |what: &str, expected: Value| {
        if check[what] != expected {
            problems.push(format!("{what}: {expected} expected, {} came", check[what]));
        }
    };
    same("rule_set", json!(expected.rule_set));
    same("verdict", json!(expected.verdict));
    same("deciding_agency", json!(expected.deciding_agency));
    same("levels", json!(expected.levels));
    same("procedure", json!(expected.procedure));
    for (what, wanted) in [("unmet", &expected.unmet), ("missing", &expected.missing)] {
        let came = check[what].as_array().map(Vec::as_slice).unwrap_or_default();
        for one in wanted.iter().filter(|one| !came.iter().any(|came| came == *one)) {
            problems.push(format!("{what}: {one} expected, {} came", check[what]));
        }
    }
    problems
}

impl Checked {
    fn word(&self, key: &str) -> &str {
        self.check[key].as_str().unwrap_or_default()
    }

    fn list(&self, key: &str) -> Vec<&str> {
        self.check[key]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// The award in Vietnamese and English.
    pub fn award(&self) -> String {
        let tree = &self.check["tree"];
        let name = |language: &str| tree[language].as_str().unwrap_or_default().to_owned();
        format!("{} / {}", name("vi"), name("en"))
    }

    /// Who is proposed.
    pub fn candidate(&self) -> &str {
        &self.candidate
    }

    /// One line.
    pub fn text(&self) -> String {
        let mut parts = vec![
            spoken("verdict", self.word("verdict")),
            self.word("rule_set").to_owned(),
        ];
        if self.word("procedure") == "simplified" {
            parts.push("thủ tục đơn giản (simplified)".to_owned());
        }
        for (key, vi) in [("unmet", "chưa đạt"), ("missing", "thiếu")] {
            if !self.list(key).is_empty() {
                parts.push(format!("{vi} ({key}): {}", self.list(key).join(", ")));
            }
        }
        parts.push(format!("quyết định (decides): {}", self.word("deciding_agency")));
        parts.join(" · ")
    }

    /// The part for programs.
    pub fn json(&self) -> Value {
        let keys = [
            "rule_set",
            "verdict",
            "deciding_agency",
            "levels",
            "unmet",
            "missing",
            "procedure",
        ];
        keys.iter()
            .map(|key| ((*key).to_owned(), self.check[*key].clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_difference_is_told() {
        let samples = Sample::all().unwrap();
        let sample = samples
            .iter()
            .find(|sample| sample.expected.verdict == "incomplete")
            .unwrap();
        let mut check = json!({
            "rule_set": "decree-152-2025", "verdict": "incomplete", "deciding_agency": "chu-tich-nuoc",
            "levels": ["department", "ministry-or-province", "state"], "procedure": "ordinary",
            "unmet": [], "missing": ["bao-cao-thanh-tich", "to-trinh"],
        });
        assert!(compare(&check, sample).is_empty());
        check["missing"] = json!(["to-trinh"]);
        check["verdict"] = json!("eligible");
        assert_eq!(compare(&check, sample).len(), 2);
    }
}
