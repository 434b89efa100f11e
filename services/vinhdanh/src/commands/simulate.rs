//! `law simulate`: who gains and who loses by draft rules, over the dossiers of the past. One dossier is held at a time.

mod dossiers;
mod group;
mod outcome;
mod told;

#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use clap::Args;
use law::{Agencies, Date, Law};
use serde_json::{Value, json};

use super::{
    day,
    rules::{known, load},
};
use crate::output::{BAD_INPUT, Output, note};

use dossiers::{Dossiers, Found};
use group::Groups;
use outcome::Pair;

/// Changed dossiers that an answer names one by one; `--report` names all.
const NAMED: usize = 1_000;
const QUIET: Duration = Duration::from_secs(2);

/// Tries draft rules.
#[derive(Debug, Args)]
#[command(
    after_help = "Trước: luật có sẵn, hoặc --before. Sau: --rules, hoặc mọi hồ sơ theo một bộ quy định, --rule-set. Before: \
                  the law that is compiled in, or --before. After: --rules, or every dossier by one rule set, --rule-set.\n\
                  Thư mục: mọi tệp .json, .jsonl trong đó, trừ .expect.json. Tệp .jsonl và - (stdin): mỗi dòng một hồ sơ. A \
                  folder stands for its .json and .jsonl files, but no .expect.json; .jsonl and - hold one dossier a line."
)]
pub struct SimulateArgs {
    /// Tệp hồ sơ, thư mục, .jsonl, hoặc -. Dossier files, folders, .jsonl, or - for stdin.
    #[arg(required = true, value_name = "DOSSIERS")]
    dossiers: Vec<PathBuf>,
    /// Xét mọi hồ sơ theo bộ quy định này. Judge every dossier by this rule set of the rules; by its dates if left out.
    #[arg(long, value_name = "ID")]
    rule_set: Option<String>,
    /// Thư mục quy định để so sánh; luật có sẵn nếu không ghi. The rules to compare with; those compiled in if left out.
    #[arg(long, value_name = "DIR")]
    before: Option<PathBuf>,
    /// Như vào ngày này. Judge as on this day; as each file says if left out.
    #[arg(long, value_name = "DATE", value_parser = day)]
    on: Option<Date>,
    /// Ghi từng hồ sơ thay đổi, mỗi dòng một JSON. Write every changed dossier here, as JSON, one a line.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl SimulateArgs {
    /// Judges every dossier twice and prints what came of it; 2 if some could not be read or judged either way.
    ///
    /// # Errors
    /// Where there is nothing to compare, or a folder or the report cannot be opened. A bad dossier is counted instead.
    pub fn run(self, draft: &'static Law, output: Output) -> anyhow::Result<u8> {
        let before = match &self.before {
            None => Law::embedded(),
            Some(dir) => Box::leak(Box::new(load(dir)?)),
        };
        let after = self.after(draft)?;
        if std::ptr::eq(before, after) {
            bail!("nói rõ thử gì: --rules DIR hoặc --rule-set ID / say what to try: --rules DIR, or --rule-set ID");
        }
        let agencies = Agencies::embedded();
        let mut report = self.report.as_deref().map(create).transpose()?;
        let began = now();
        let (mut groups, mut named, mut errors) = (Groups::default(), Vec::new(), Vec::new());
        let mut failed = 0_u64;
        let mut told = began;
        for found in Dossiers::of(&self.dossiers)? {
            let Found { place, dossier } = found;
            let pair = dossier.and_then(|dossier| Pair::judge(before, after, &dossier, &agencies, self.on));
            match pair {
                Ok(pair) => {
                    groups.count(&pair);
                    if pair.changed() {
                        let line = pair.json(&place);
                        if let Some(report) = &mut report {
                            writeln!(report, "{line}").context("không ghi được báo cáo / cannot write the report")?;
                        }
                        if named.len() < NAMED {
                            named.push(line);
                        }
                    }
                }
                Err(why) => {
                    failed += 1;
                    if errors.len() < NAMED {
                        errors.push(json!({"file": place, "error": why}));
                    }
                }
            }
            if told.elapsed() > QUIET {
                told = now();
                note(&format!(
                    "… {} hồ sơ / dossiers, {} s",
                    groups.total() + failed,
                    began.elapsed().as_secs()
                ));
            }
        }
        if let Some(mut report) = report {
            report
                .flush()
                .context("không ghi được báo cáo / cannot write the report")?;
        }
        let value = self.value(&groups, named, errors, failed);
        output.result(&value, || told::told(&value, &agencies));
        Ok(if failed > 0 { BAD_INPUT } else { 0 })
    }

    fn after(&self, draft: &'static Law) -> anyhow::Result<&'static Law> {
        let Some(id) = &self.rule_set else { return Ok(draft) };
        let forced = draft.always(known(draft, id)?).context("the rule set is known")?;
        Ok(Box::leak(Box::new(forced)))
    }

    fn value(&self, groups: &Groups, named: Vec<Value>, errors: Vec<Value>, failed: u64) -> Value {
        let mut value = groups.json();
        let changed = value["changed"].as_u64().unwrap_or_default();
        value["rule_set"] = json!(self.rule_set);
        value["dossiers_changed_left_out"] = json!(changed - named.len() as u64);
        value["dossiers_changed"] = Value::Array(named);
        value["failed"] = json!(failed);
        value["errors"] = Value::Array(errors);
        value
    }
}

fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let file = File::create(path).with_context(|| format!("không ghi được / cannot write {}", path.display()))?;
    Ok(BufWriter::new(file))
}

#[expect(clippy::disallowed_methods, reason = "only to tell people who wait how far it is")]
fn now() -> Instant {
    Instant::now()
}
