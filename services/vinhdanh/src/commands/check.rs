//! `dossier check`: judges files by the law that is compiled in; no server, no runtime.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use law::{Agencies, Check, DossierFile, Fact, Lack, LackKind, Law, Leaf, Paper, PathStatus, Problem, Status};
use serde_json::{Map, Value, json};

use super::{day, directory::definition, rules::Rules};
use crate::{
    output::{BAD_INPUT, Output, note},
    words::spoken,
};

/// Checks dossier files by the law.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Tệp hồ sơ (JSON). Dossier files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Như vào ngày này. Judge as on this day; as the file says if left out.
    #[arg(long, value_name = "DATE", value_parser = day)]
    on: Option<time::Date>,
    /// Theo bộ quy định có lợi hơn. By a later rule set that is more favourable, where the law leaves the choice.
    #[arg(long, value_name = "ID")]
    rule_set: Option<String>,
    /// Tệp quy định riêng của cơ quan (TOML, JSON). Awards of an agency's own regulation, as `directory award define`
    /// takes them.
    #[arg(long = "local", value_name = "FILE")]
    locals: Vec<PathBuf>,
    #[command(flatten)]
    rules: Rules,
}

/// What files are judged by.
struct Bench<'a> {
    law: &'a Law,
    agencies: &'a Agencies,
    on: Option<time::Date>,
    rule_set: Option<&'a str>,
}

/// Why a file was not judged.
enum Unjudged {
    Unreadable(anyhow::Error),
    Malformed(Vec<Problem>),
}

impl CheckArgs {
    /// Judges every file; 2 if one of them could not be. As JSON: one object for one file, as the samples' expectations
    /// have it and with the reasons; an array for several, each object with its `file`.
    ///
    /// # Errors
    /// Rules or definitions that cannot be read.
    pub fn run(self, output: Output) -> anyhow::Result<u8> {
        let mut agencies = Agencies::embedded();
        for file in &self.locals {
            agencies.insert_local_award(definition(file)?.0);
        }
        let bench = Bench {
            law: self.rules.law()?,
            agencies: &agencies,
            on: self.on,
            rule_set: self.rule_set.as_deref(),
        };
        let mut answers = Vec::new();
        let mut status = 0;
        for file in &self.files {
            let judged = bench.judge(file);
            if let Err(why) = &judged {
                note(&why.told(file));
                status = BAD_INPUT;
            }
            answers.push((file, judged));
        }
        let mut objects: Vec<Value> = answers.iter().map(|(_, judged)| object(judged)).collect();
        let value = match objects.as_mut_slice() {
            [one] => one.take(),
            many => {
                for (value, file) in many.iter_mut().zip(&self.files) {
                    value["file"] = json!(file);
                }
                Value::Array(objects)
            }
        };
        let texts = answers
            .iter()
            .filter_map(|(file, judged)| Some(told(file, judged.as_ref().ok()?, &agencies)));
        let text = texts.collect::<Vec<_>>().join("\n\n");
        if output.json || !text.is_empty() {
            output.result(&value, || text);
        }
        Ok(status)
    }
}

impl Bench<'_> {
    fn judge(&self, file: &Path) -> Result<Check, Unjudged> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("không đọc được / cannot read {}", file.display()))
            .map_err(Unjudged::Unreadable)?;
        let dossier = DossierFile::parse(&text).map_err(Unjudged::Malformed)?;
        self.law
            .check_under(&dossier, self.agencies, self.on, self.rule_set)
            .map_err(Unjudged::Malformed)
    }
}

impl Unjudged {
    fn told(&self, file: &Path) -> String {
        match self {
            Self::Unreadable(error) => format!("{error:#}"),
            Self::Malformed(problems) => {
                let lines = problems.iter().map(|problem| {
                    format!(
                        "  {}: {}\n      {} ({})",
                        problem.path, problem.vi, problem.en, problem.reason
                    )
                });
                format!(
                    "{}: không phải là tệp hồ sơ đúng / not a good dossier file\n{}",
                    file.display(),
                    lines.collect::<Vec<_>>().join("\n")
                )
            }
        }
    }
}

fn object(judged: &Result<Check, Unjudged>) -> Value {
    let (reason, en, fields) = match judged {
        Ok(check) => return json!(check),
        Err(Unjudged::Unreadable(error)) => ("BAD_INPUT", format!("{error:#}"), Map::new()),
        Err(Unjudged::Malformed(problems)) => {
            let field = |problem: &Problem| {
                (
                    problem.path.clone(),
                    json!({"reason": problem.reason, "vi": problem.vi, "en": problem.en}),
                )
            };
            (
                "INVALID_DOSSIER",
                "not a good dossier file".to_owned(),
                problems.iter().map(field).collect(),
            )
        }
    };
    json!({"error": {"code": "INVALID_ARGUMENT", "reason": reason, "vi": "", "en": en, "fields": fields}})
}

/// The verdict for people: what it is, where it goes, what it still takes, and why.
fn told(file: &Path, check: &Check, agencies: &Agencies) -> String {
    let decider = agencies
        .get(&check.deciding_agency)
        .map_or("", |agency| agency.name.as_str());
    let stations: Vec<String> = check
        .levels
        .iter()
        .map(|level| spoken("level", level.as_str()))
        .collect();
    let mut lines = vec![
        format!(
            "{}: {} ({})",
            file.display(),
            check.verdict.name_vi(),
            check.verdict.as_str()
        ),
        format!("  {} / {}", check.tree.vi, check.tree.en),
        format!(
            "  Bộ quy định (rule set): {}, xét vào ngày (on) {}",
            check.rule_set, check.on
        ),
        format!(
            "  Đường đi (way): {}; {}",
            stations.join(" → "),
            spoken("procedure", check.procedure.as_str())
        ),
        format!(
            "  Thẩm quyền quyết định (decides): {decider} ({})",
            check.deciding_agency
        ),
    ];
    for hold in &check.holds {
        lines.push(format!(
            "  Tạm dừng (on hold) {}: {} / {}",
            hold.opened_on, hold.vi, hold.en
        ));
    }
    if !check.lacking.is_empty() {
        lines.push("  Cần thêm (what it still takes):".to_owned());
        lines.extend(check.lacking.iter().map(lack));
    }
    for warning in &check.warnings {
        lines.push(format!("  Lưu ý (note): {} / {}", warning.vi, warning.en));
    }
    for branch in &check.tree.paths {
        let came_out = match branch.status {
            PathStatus::Met => "đạt (met)",
            PathStatus::NotMet => "chưa đạt (not met)",
            PathStatus::NotTried => "không nêu (not claimed)",
        };
        let name = if branch.path == "*" {
            "Điều kiện chung (always)"
        } else {
            &*branch.path
        };
        lines.push(format!("  {name}: {came_out}"));
        if branch.status != PathStatus::NotTried {
            lines.extend(branch.criteria.iter().map(leaf));
        }
    }
    let papers: Vec<&Paper> = check
        .tree
        .documents
        .iter()
        .filter(|paper| paper.attached || paper.due)
        .collect();
    if !papers.is_empty() {
        lines.push("  Giấy tờ (papers):".to_owned());
        lines.extend(papers.into_iter().map(paper));
    }
    lines.join("\n")
}

fn lack(lack: &Lack) -> String {
    let source = source(lack.article.as_deref(), lack.confirmed);
    let kind = match lack.kind {
        LackKind::Criterion => "tiêu chuẩn (criterion)",
        LackKind::Answer => "cần xác nhận (answer)",
        LackKind::Document => "giấy tờ (paper)",
    };
    format!("    - {kind} {}: {} / {}{source}", lack.code, lack.vi, lack.en)
}

fn leaf(leaf: &Leaf) -> String {
    let mark = match leaf.status {
        Status::Met => "✓",
        Status::Warning => "!",
        Status::Question => "?",
        Status::NotMet => "✗",
    };
    let source = source(leaf.article.as_deref(), leaf.confirmed);
    let counted = match (leaf.have, leaf.need) {
        (Some(have), Some(need)) => format!(" ({have}/{need})"),
        _ => String::new(),
    };
    let mut lines = vec![format!(
        "    {mark} {}: {}{counted}\n        {}{source}",
        leaf.criterion, leaf.vi, leaf.en
    )];
    lines.extend(leaf.facts.iter().map(fact));
    lines.join("\n")
}

fn fact(fact: &Fact) -> String {
    let mark = if fact.counts { "+" } else { "−" };
    let why = fact.why.as_ref().map(|why| format!(": {} / {}", why.vi, why.en));
    format!("        {mark} {} / {}{}", fact.vi, fact.en, why.unwrap_or_default())
}

fn paper(paper: &Paper) -> String {
    let mark = if paper.attached { "✓" } else { "✗" };
    let source = source(paper.article.as_deref(), paper.confirmed);
    format!("    {mark} {} / {} ({}){source}", paper.vi, paper.en, paper.kind)
}

/// Where it was read, and a warning where it was not.
pub fn source(article: Option<&str>, confirmed: bool) -> String {
    let article = article.map(|article| format!(" [{article}]")).unwrap_or_default();
    let doubt = if confirmed {
        ""
    } else {
        " (chưa xác nhận / unconfirmed)"
    };
    format!("{article}{doubt}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(file: &Path, agencies: &Agencies) -> Result<Check, Unjudged> {
        let bench = Bench {
            law: Law::embedded(),
            agencies,
            on: None,
            rule_set: None,
        };
        bench.judge(file)
    }

    fn samples() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples")
    }

    #[test]
    fn every_sample_is_judged_as_expected() {
        let agencies = Agencies::embedded();
        let mut judged = 0;
        for entry in std::fs::read_dir(samples()).expect("the samples") {
            let expected = entry.expect("an entry").path();
            let Some(name) = expected.to_str().and_then(|path| path.strip_suffix(".expect.json")) else {
                continue;
            };
            let check = judge(Path::new(&format!("{name}.json")), &agencies);
            let value = object(&check);
            let text = std::fs::read_to_string(&expected).expect("a file");
            let Value::Object(expected) = serde_json::from_str(&text).expect("JSON") else {
                panic!("{name}")
            };
            for (key, wanted) in expected {
                let contained = |list: &Value| {
                    let wanted = list.as_array().expect("a list");
                    wanted
                        .iter()
                        .all(|one| value[&key].as_array().is_some_and(|all| all.contains(one)))
                };
                let fits = if key == "unmet" || key == "missing" {
                    contained(&wanted)
                } else {
                    value[&key] == wanted
                };
                assert!(fits, "{name}: {key} should be {wanted}, is {}", value[&key]);
            }
            judged += 1;
        }
        assert!(judged > 0, "there are samples");
    }

    #[test]
    fn people_read_the_verdict_first_and_then_what_is_missing() {
        let file = samples().join("hung-yen-2025-thieu-bao-cao.json");
        let agencies = Agencies::embedded();
        let Ok(check) = judge(&file, &agencies) else {
            panic!("the sample can be judged")
        };
        let text = told(Path::new("a.json"), &check, &agencies);
        assert!(text.starts_with("a.json: hồ sơ chưa đầy đủ (incomplete)"), "{text}");
        let (before, after) = text.split_once("Cần thêm").expect("what it takes");
        assert!(
            !before.contains("bao-cao-thanh-tich") && after.contains("bao-cao-thanh-tich"),
            "{text}"
        );
    }

    #[test]
    fn a_malformed_file_tells_each_problem_by_its_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.json");
        std::fs::write(&file, r#"{"schema": "vinhdanh.dossier/1", "award": 3}"#).expect("a file");
        let judged = judge(&file, &Agencies::embedded());
        assert!(matches!(&judged, Err(Unjudged::Malformed(problems)) if !problems.is_empty()));
        assert_eq!(object(&judged)["error"]["reason"], "INVALID_DOSSIER");
    }
}
