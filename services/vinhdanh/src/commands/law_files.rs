//! `law lint` and `law diff`: for those who write rule sets, and those who must read them.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use law::{ChangeKind, Finding, Law, Severity};
use serde_json::json;

use super::rules::{known, load};
use crate::output::{BAD_INPUT, Output, REFUSED};

/// Checks files of the law.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// Thư mục tệp quy định; bộ có sẵn nếu không ghi. The folder; what is compiled in if left out.
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl LintArgs {
    /// Prints what does not hold together: 1 if anything must not be installed, 2 if the files cannot be read.
    pub fn run(self, installed: &'static Law, output: Output) -> anyhow::Result<u8> {
        let loaded = self.dir.as_deref().map(Law::load).transpose();
        let (findings, status) = match &loaded {
            Err(error) => {
                let value = json!({"errors": 1, "warnings": 0, "findings": [], "error": error.to_string()});
                output.result(&value, || format!("không đọc được / cannot be read: {error}"));
                return Ok(BAD_INPUT);
            }
            Ok(law) => {
                let findings = law.as_ref().unwrap_or(installed).lint();
                let errors = findings.iter().any(|finding| finding.severity == Severity::Error);
                (findings, if errors { REFUSED } else { 0 })
            }
        };
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let value = json!({"errors": errors, "warnings": warnings, "findings": findings});
        output.result(&value, || {
            let mut lines: Vec<String> = findings.iter().map(told).collect();
            lines.push(format!(
                "{errors} lỗi, {warnings} lưu ý / {errors} errors, {warnings} warnings"
            ));
            lines.join("\n")
        });
        Ok(status)
    }
}

fn told(finding: &Finding) -> String {
    let mark = match finding.severity {
        Severity::Error => "✗",
        Severity::Warning => "!",
    };
    format!("{mark} {finding}")
}

/// Compares two rule sets.
#[derive(Debug, Args)]
#[command(
    after_help = "A, B: mã bộ quy định (law-2022), thư mục (bộ mới nhất trong đó), hoặc thư mục:mã. An id, a folder (its \
                  newest rule set), or FOLDER:ID."
)]
pub struct DiffArgs {
    /// Bộ trước. The first.
    a: String,
    /// Bộ sau. The second.
    b: String,
    /// Chỉ một danh hiệu, hình thức. One award only.
    #[arg(long, value_name = "CODE")]
    award: Option<String>,
    /// Kể cả chỗ chỉ khác điều khoản viện dẫn. Also where only the article or its certainty differs.
    #[arg(long)]
    sources: bool,
}

impl DiffArgs {
    /// Prints what differs; 0 also where something does.
    pub fn run(self, installed: &'static Law, output: Output) -> anyhow::Result<u8> {
        let (first, a) = version(installed, &self.a)?;
        let (second, b) = version(installed, &self.b)?;
        let mut changes = first.get().diff(&a, second.get(), &b)?;
        if let Some(award) = &self.award {
            changes.retain(|change| change.awards.contains(award));
        }
        let sources = changes
            .iter()
            .filter(|change| change.kind == ChangeKind::Source)
            .count();
        if !self.sources {
            changes.retain(|change| change.kind != ChangeKind::Source);
        }
        let value = json!({"a": a, "b": b, "sources_only": sources, "changes": changes});
        output.result(&value, || {
            let mut lines = vec![format!("{a} → {b}: {} thay đổi / changes", changes.len())];
            if sources > 0 && !self.sources {
                lines.push(format!(
                    "{sources} chỗ chỉ khác điều khoản viện dẫn (--sources) / only the article differs"
                ));
            }
            let mut last: Option<&[String]> = None;
            for change in &changes {
                if last != Some(&change.awards) {
                    lines.push(format!("\n{}", heading(second.get(), &b, &change.awards)));
                    last = Some(&change.awards);
                }
                lines.push(format!("  - {}\n    {}", change.vi, change.en));
            }
            lines.join("\n")
        });
        Ok(0)
    }
}

/// How many awards are named one by one.
const NAMED: usize = 6;

fn heading(law: &Law, rule_set: &str, awards: &[String]) -> String {
    let name = |code: &String| {
        let award = law.award_in(code, rule_set).or_else(|| law.award(code));
        award.map_or_else(|| code.clone(), |award| award.name_vi.clone())
    };
    let named: Vec<String> = awards.iter().take(NAMED).map(name).collect();
    match awards {
        [] => "Bộ quy định / rule set".to_owned(),
        [one] => format!("{} ({one})", named.concat()),
        many if many.len() > NAMED => format!("{}, … ({})", named.join(", "), many.len()),
        _ => named.join(", "),
    }
}

enum Version {
    Installed(&'static Law),
    Folder(Box<Law>),
}

impl Version {
    fn get(&self) -> &Law {
        match self {
            Self::Installed(law) => law,
            Self::Folder(law) => law,
        }
    }
}

/// A rule set by its id, or by the folder that holds it.
fn version(installed: &'static Law, named: &str) -> anyhow::Result<(Version, String)> {
    let newest = |law: &Law| law.rule_sets().last().map(|set| set.id.clone()).context("no rule set");
    if Path::new(named).is_dir() {
        let law = load(Path::new(named))?;
        let id = newest(&law)?;
        return Ok((Version::Folder(Box::new(law)), id));
    }
    if let Some((dir, id)) = named.rsplit_once(':') {
        let law = load(Path::new(dir))?;
        let id = known(&law, id)?.to_owned();
        return Ok((Version::Folder(Box::new(law)), id));
    }
    let id = known(installed, named)?.to_owned();
    Ok((Version::Installed(installed), id))
}
