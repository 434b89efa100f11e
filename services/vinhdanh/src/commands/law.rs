//! `vinhdanh law`: awards, rule sets and the calendar, as they are compiled in.

use anyhow::Context;
use clap::{Args, Subcommand};
use law::{AwardRule, Criterion, RuleSet};
use serde_json::{Value, json};

use super::{
    calendar::CalendarArgs,
    check::source,
    export::ExportArgs,
    import::TemplateArgs,
    law_files::{DiffArgs, LintArgs},
    rules::{Rules, Which},
    simulate::SimulateArgs,
};
use crate::{
    output::{Output, Record},
    words::spoken,
};

/// What the law says.
#[derive(Debug, Args)]
pub struct LawArgs {
    /// In ra JSON. Print JSON.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(flatten)]
    rules: Rules,
    #[command(subcommand)]
    verb: LawVerb,
}

#[derive(Debug, Subcommand)]
enum LawVerb {
    /// Các danh hiệu thi đua, hình thức khen thưởng. The awards.
    Awards {
        #[command(flatten)]
        which: Which,
    },
    /// Một danh hiệu, hình thức: tiêu chuẩn và điều khoản. One award: its criteria and the articles behind them.
    Show {
        /// Mã. Its code.
        award: String,
        #[command(flatten)]
        which: Which,
    },
    /// Các bộ quy định theo thời gian. The rule sets by date.
    #[command(name = "rules")]
    RuleSets,
    /// Kiểm tra các tệp quy định. Check files of the law: codes, dates, gaps, circles, ways that nobody can go.
    Lint(LintArgs),
    /// Thử quy định mới trên hồ sơ đã có: ai được lợi, ai bị thiệt. Draft rules over past dossiers: who gains, who loses.
    Simulate(SimulateArgs),
    /// Ghi ra các tệp quy định, để soạn bản mới từ đó. Write the files of the law, to begin a draft from.
    Export(ExportArgs),
    /// So sánh hai bộ quy định. What differs between two rule sets, for a lawyer.
    Diff(DiffArgs),
    /// Mẫu danh sách đề nghị (XLSX). The form of a list of nominees, as XLSX.
    Template(TemplateArgs),
    /// Lịch làm việc: các năm, một năm, hoặc một thời hạn tính từng ngày. The working calendar: its years, one of them, or
    /// a deadline counted day by day.
    Calendar(CalendarArgs),
}

impl LawArgs {
    /// Answers.
    pub fn run(self, output: Output) -> anyhow::Result<u8> {
        let law = self.rules.law()?;
        match self.verb {
            LawVerb::Template(args) => return args.run(law),
            LawVerb::Lint(args) => return args.run(law, output),
            LawVerb::Diff(args) => return args.run(law, output),
            LawVerb::Calendar(args) => return args.run(law, output),
            LawVerb::Simulate(args) => return args.run(law, output),
            LawVerb::Export(args) => return args.run(law, output),
            LawVerb::Awards { which } => output.many(&law.awards(&which.id(law)?)),
            LawVerb::Show { award, which } => {
                let rules = which.id(law)?;
                let found = law.award_in(&award, &rules).with_context(|| {
                    format!("{rules} has no award {award}; see `vinhdanh law awards --rule-set {rules}`")
                })?;
                output.result(&found.json(), || award_text(found, &rules));
            }
            LawVerb::RuleSets => output.many(law.rule_sets()),
        }
        Ok(0)
    }
}

impl Record for &AwardRule {
    const TABLE: &'static [&'static str] = &[
        "code",
        "name_vi",
        "kind",
        "recipient",
        "decider",
        "article",
        "confirmed",
    ];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        json!(self)
    }
}

impl Record for RuleSet {
    const TABLE: &'static [&'static str] = &[
        "id",
        "in_force_from",
        "in_force_to",
        "key",
        "law",
        "decree",
        "confirmed",
    ];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "in_force_from": self.in_force_from.to_string(),
            "in_force_to": self.in_force_to.to_string(),
            "base": self.base,
            "key": self.key,
            "key_article": self.key_article,
            "key_confirmed": self.key_confirmed,
            "law": self.law,
            "decree": self.decree,
            "extra_decrees": self.extra_decrees,
            "circulars": self.circulars,
            "confirmed": self.confirmed,
            "note_vi": self.note_vi,
            "note_en": self.note_en,
        })
    }
}

fn award_text(award: &AwardRule, rules: &str) -> String {
    let value = award.json();
    let word = |key: &str| spoken(key, value[key].as_str().unwrap_or_default());
    let mut lines = vec![
        format!("{} / {} ({})", award.name_vi, award.name_en, award.code),
        format!("  {rules}{}", source(award.article.as_deref(), award.confirmed)),
        format!("  {}, {}", word("kind"), word("recipient")),
        format!(
            "  Thẩm quyền quyết định (decides): {}{}",
            word("decider"),
            source(award.authority_article.as_deref(), award.authority_confirmed)
        ),
    ];
    if !award.summary_vi.is_empty() {
        lines.push(format!("  {}", award.summary_vi));
    }
    if let Some(ended) = &award.ended {
        let successor = ended.successor.as_deref().unwrap_or("-");
        lines.push(format!(
            "  Không còn (ended): {}; thay bằng (successor): {successor}",
            ended.article
        ));
    }
    let mut paths: Vec<&str> = Vec::new();
    for criterion in &award.criteria {
        if !paths.contains(&criterion.path.as_str()) {
            paths.push(&criterion.path);
        }
    }
    for path in paths {
        lines.push(if path == "*" {
            "  Điều kiện chung (always):".to_owned()
        } else {
            format!("  {path}:")
        });
        lines.extend(
            award
                .criteria
                .iter()
                .filter(|criterion| criterion.path == path)
                .map(criterion_text),
        );
    }
    lines.join("\n")
}

/// The type and those parameters that are set.
fn criterion_text(criterion: &Criterion) -> String {
    let Value::Object(fields) = json!(criterion) else {
        return String::new();
    };
    let parameters = fields
        .into_iter()
        .filter_map(|(key, value)| match (key.as_str(), value) {
            ("of_award" | "path" | "recipient" | "type" | "article" | "confirmed", _)
            | (_, Value::Null | Value::Bool(false)) => None,
            (_, Value::Bool(true)) => Some(key),
            (_, Value::String(text)) => Some(format!("{key}={text}")),
            (_, value) => Some(format!("{key}={value}")),
        });
    let parameters = parameters.collect::<Vec<_>>().join(", ");
    format!(
        "    {} {parameters}{}",
        criterion.kind,
        source(criterion.article.as_deref(), criterion.confirmed)
    )
}
