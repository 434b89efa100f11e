//! `vinhdanh law`: awards, rule sets and the calendar, as they are compiled in.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use host::clock::{self, Clock};
use law::{AwardRule, Criterion, Law, RuleSet};
use serde_json::{Value, json};
use time::Date;

use super::{check::source, day};
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
    Rules,
    /// Ngày làm việc thứ N sau một ngày. The N-th working day after a day.
    Calendar {
        /// Ngày. The day.
        #[arg(value_parser = day)]
        date: Date,
        /// Bao nhiêu ngày làm việc. How many working days.
        #[arg(long, default_value_t = 0)]
        days: u32,
    },
}

/// Which rule set.
#[derive(Debug, Args)]
struct Which {
    /// Bộ quy định; hiện hành nếu không ghi. The rule set; today's if left out.
    #[arg(long, value_name = "RULE_SET")]
    rules: Option<String>,
    /// Có hiệu lực vào ngày này. The one in force on this day.
    #[arg(long, value_name = "DATE", value_parser = day, conflicts_with = "rules")]
    on: Option<Date>,
}

impl Which {
    fn id(self, law: &Law) -> anyhow::Result<String> {
        match self.rules {
            Some(id) if law.rule_set(&id).is_some() => Ok(id),
            Some(id) => {
                let known: Vec<&str> = law.rule_sets().iter().map(|set| set.id.as_str()).collect();
                bail!("no rule set is called {id}; there are {}", known.join(", "))
            }
            None => {
                let on = self.on.unwrap_or_else(|| clock::day(Clock::System.now()));
                Ok(law.rule_set_for(on, Some(on))?.to_owned())
            }
        }
    }
}

impl LawArgs {
    /// Answers.
    pub fn run(self, output: Output) -> anyhow::Result<u8> {
        let law = Law::embedded();
        match self.verb {
            LawVerb::Awards { which } => output.many(&law.awards(&which.id(law)?)),
            LawVerb::Show { award, which } => {
                let rules = which.id(law)?;
                let found = law.award_in(&award, &rules).with_context(|| {
                    format!("{rules} has no award {award}; see `vinhdanh law awards --rules {rules}`")
                })?;
                output.result(&found.json(), || award_text(found, &rules));
            }
            LawVerb::Rules => output.many(law.rule_sets()),
            LawVerb::Calendar { date, days } => {
                let working = law.calendar().is_working(date)?;
                let after = law.calendar().nth_working_day_after(date, days)?;
                let value = json!({
                    "date": date.to_string(), "working": working, "days": days, "after": after.to_string()
                });
                output.result(&value, || {
                    let word = if working {
                        "ngày làm việc (working day)"
                    } else {
                        "ngày nghỉ (no working day)"
                    };
                    if days == 0 {
                        format!("{date}: {word}")
                    } else {
                        format!("{date}: {word}; +{days} → {after}")
                    }
                });
            }
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
