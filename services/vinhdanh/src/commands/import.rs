//! `vinhdanh import`: lists of nominees as offices have them. A dry run needs no server; nothing is sent before every
//! row was read and judged.

mod send;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use clap::Args;
use host::clock::{self, Clock};
use law::{Agencies, Basis, CandidateKind, Law};
use serde::de::{IntoDeserializer, value::Error as WordError};
use serde_json::json;
use sheet::{Common, Flaw, List, Reader, Report, Sent};
use time::Date;

use super::{
    Connect, day,
    rules::{Rules, Which},
};
use crate::output::{BAD_INPUT, Output, REFUSED, aligned, note, say};

/// Rows that a terminal shows; the rest is for `--report`.
const ROWS_SHOWN: usize = 40;
/// What is done sooner needs no progress.
const PATIENCE: Duration = Duration::from_secs(2);

/// Imports lists of nominees.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Danh sách (XLSX hoặc CSV). Lists; several are compared with one another.
    #[arg(required = true, value_name = "LIST")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    same: Same,
    /// Như vào ngày này. Judge as on this day; as the rows say if left out.
    #[arg(long, value_name = "DATE", value_parser = day)]
    on: Option<Date>,
    /// Ghi báo cáo từng dòng. Write the report of all rows, by the file's ending: .xlsx, .csv or .json.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Gửi: tạo hồ sơ của từng dòng. Send: create a dossier for each row, and submit it where --letter is given.
    #[arg(long)]
    submit: bool,
    /// Chỉ gửi các dòng tốt. Send the good rows although others are not.
    #[arg(long, requires = "submit")]
    only_good: bool,
    /// Gửi cả các dòng chưa đủ điều kiện. Rows that do not meet a criterion count as good: a verdict refuses nobody.
    #[arg(long)]
    also_not_eligible: bool,
    #[command(flatten)]
    rules: Rules,
    /// Which services, as whom.
    #[command(flatten)]
    pub connect: Connect,
}

/// What is the same for all rows that do not say it themselves.
#[derive(Debug, Args)]
#[command(next_help_heading = "Chung cho mọi dòng / The same for all rows")]
struct Same {
    /// Danh hiệu, hình thức: mã hoặc tên. The award, by code or name.
    #[arg(long)]
    award: Option<String>,
    /// Loại hình khen thưởng; công trạng nếu không ghi. merit, extraordinary, movement, contribution, seniority, foreign.
    #[arg(long, value_parser = basis)]
    basis: Option<Basis>,
    /// Năm xét. The year that an annual title is for.
    #[arg(long, value_name = "YEAR")]
    award_year: Option<i32>,
    /// Đối tượng. individual, collective or household.
    #[arg(long, value_parser = kind)]
    kind: Option<CandidateKind>,
    /// Đơn vị công tác. Where the candidates work, by code or name.
    #[arg(long)]
    agency: Option<String>,
    /// Đơn vị trình. The agency that sends the list, by code or name.
    #[arg(long, value_name = "AGENCY")]
    submitter: Option<String>,
    /// Số tờ trình. The letter's number; with --submit the dossiers are submitted under it.
    #[arg(long, value_name = "NUMBER")]
    letter: Option<String>,
    /// Ngày tờ trình. The letter's day.
    #[arg(long, value_name = "DATE", value_parser = day)]
    letter_date: Option<Date>,
    /// Ngày nhận đủ hồ sơ. When the complete dossiers were received.
    #[arg(long, value_name = "DATE", value_parser = day)]
    received: Option<Date>,
    /// Ngày đầu lập thành tích. First day of the period of the achievement.
    #[arg(long, value_name = "DATE", value_parser = day, requires = "to")]
    from: Option<Date>,
    /// Ngày cuối. Its last day.
    #[arg(long, value_name = "DATE", value_parser = day, requires = "from")]
    to: Option<Date>,
}

fn basis(word: &str) -> Result<Basis, WordError> {
    serde::Deserialize::deserialize(word.into_deserializer())
}

fn kind(word: &str) -> Result<CandidateKind, WordError> {
    serde::Deserialize::deserialize(word.into_deserializer())
}

impl Same {
    fn common(&self) -> Common {
        Common {
            award: self.award.clone(),
            basis: self.basis,
            award_year: self.award_year,
            kind: self.kind,
            agency: self.agency.clone(),
            submitting_agency: self.submitter.clone(),
            letter_number: self.letter.clone(),
            letter_date: self.letter_date,
            signed_by: None,
            received_on: self.received,
            from: self.from,
            to: self.to,
        }
    }
}

impl ImportArgs {
    /// Reads, judges, reports, and sends where asked to: 1 if a row is not good or was refused, 2 if a file is no list.
    pub fn run(self, output: Output) -> anyhow::Result<u8> {
        let law = self.rules.law()?;
        if let Some(report) = &self.report {
            form(report)?;
        }
        let lists = match self.read(law) {
            Ok(lists) => lists,
            Err((file, flaw)) => {
                note(&format!("{}: {flaw}", file.display()));
                if output.json {
                    let error = json!({
                        "code": "INVALID_ARGUMENT", "reason": flaw.reason, "vi": flaw.vi, "en": flaw.en,
                        "fields": {}, "file": file,
                    });
                    output.result(&json!({ "error": error }), String::new);
                }
                return Ok(BAD_INPUT);
            }
        };
        let mut report = Report::new(&lists, law, self.also_not_eligible);
        let mut status = if report.is_good() { 0 } else { REFUSED };
        if self.submit {
            if report.is_good() || self.only_good {
                let sent = send::send(self.connect, &lists, &mut report, self.same.letter.as_deref(), output)?;
                status = status.max(sent);
            } else {
                note(
                    "có dòng chưa tốt nên không gửi dòng nào; sửa danh sách, hoặc dùng --only-good\n\
                     nothing was sent, since some rows are not good: correct the list, or say --only-good",
                );
            }
        }
        if let Some(file) = &self.report {
            write(file, &report)?;
        }
        output.result(&json!(report), || told(&report, law));
        Ok(status)
    }

    /// All lists, or the first file that is none.
    fn read(&self, law: &Law) -> Result<Vec<List>, (PathBuf, Flaw)> {
        let agencies = Agencies::embedded();
        let reader = Reader::new(law, &agencies, clock::day(Clock::System.now()));
        let common = self.same.common();
        let mut lists = Vec::new();
        for path in &self.files {
            let bytes = bounded(path).map_err(|flaw| (path.clone(), flaw))?;
            let name = path.display().to_string();
            let mut progress = Progress::new(&name);
            let list = reader.read(&name, &bytes, &common, self.on, &mut |rows| progress.at(rows));
            lists.push(list.map_err(|flaw| (path.clone(), flaw))?);
        }
        Ok(lists)
    }
}

/// A file that fits in memory; the reader refuses what is larger than a list can be.
fn bounded(path: &Path) -> Result<Vec<u8>, Flaw> {
    use std::io::Read as _;
    const BYTES_MAX: u64 = (32 << 20) + 1;
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(BYTES_MAX).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| Flaw {
        at: String::new(),
        reason: "UNREADABLE_FILE",
        vi: format!("không đọc được tệp: {error}"),
        en: format!("the file cannot be read: {error}"),
    })
}

/// Tells on stderr how far it is, once that takes long.
struct Progress<'a> {
    what: &'a str,
    next: Instant,
}

impl<'a> Progress<'a> {
    #[expect(clippy::disallowed_methods, reason = "measures how long a person has waited")]
    fn new(what: &'a str) -> Self {
        Self {
            what,
            next: Instant::now() + PATIENCE,
        }
    }

    #[expect(clippy::disallowed_methods, reason = "measures how long a person has waited")]
    fn at(&mut self, rows: usize) {
        let now = Instant::now();
        if now >= self.next {
            note(&format!("{}: {rows} dòng / rows", self.what));
            self.next = now + PATIENCE;
        }
    }
}

/// The forms of a report.
enum Form {
    Xlsx,
    Csv,
    Json,
}

fn form(file: &Path) -> anyhow::Result<Form> {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("xlsx") => Ok(Form::Xlsx),
        Some("csv") => Ok(Form::Csv),
        Some("json") => Ok(Form::Json),
        _ => bail!("--report {}: the ending must be .xlsx, .csv or .json", file.display()),
    }
}

fn write(file: &Path, report: &Report) -> anyhow::Result<()> {
    let bytes = match form(file)? {
        Form::Xlsx => report.to_xlsx()?,
        Form::Csv => report.to_csv(),
        Form::Json => format!("{:#}\n", json!(report)).into_bytes(),
    };
    std::fs::write(file, bytes).with_context(|| format!("không ghi được / cannot write {}", file.display()))
}

/// The report for people: sums first, then what is not good, then what was passed over.
fn told(report: &Report, law: &Law) -> String {
    let totals = &report.totals;
    let mut lines = vec![format!(
        "{} dòng (rows): {} được (good), {} lỗi (errors), {} trùng (duplicates), {} không có số để đối chiếu (cannot be checked)",
        totals.rows, totals.good, totals.errors, totals.duplicates, totals.unchecked
    )];
    for (verdict, count) in &totals.verdicts {
        lines.push(format!("  {verdict}: {count}"));
    }
    for file in &report.files {
        lines.push(format!("{}: {} dòng / rows", file.file, file.rows));
        lines.extend(file.errors.iter().map(|flaw| format!("  {flaw}")));
        for column in &file.unread_columns {
            lines.push(format!(
                "  cột không đọc / column not read: {} “{}”",
                column.at, column.text
            ));
        }
        for row in &file.skipped {
            lines.push(format!("  dòng bỏ qua / row passed over: {} “{}”", row.at, row.text));
        }
    }
    lines.extend(rows_told(report, law));
    for duplicate in &report.duplicates {
        let (one, other) = (&duplicate.first, &duplicate.second);
        lines.push(format!(
            "trùng / duplicate {}: {} {} ({}, {}) — {} {} ({}, {})\n  {} / {}",
            duplicate.id,
            one.file,
            one.at,
            one.award,
            one.submitting_agency,
            other.file,
            other.at,
            other.award,
            other.submitting_agency,
            duplicate.vi,
            duplicate.en
        ));
    }
    if totals.sent + totals.refused > 0 {
        lines.push(format!(
            "gửi (sent): {}; bị từ chối (refused): {}",
            totals.sent, totals.refused
        ));
    }
    lines.join("\n")
}

fn rows_told(report: &Report, law: &Law) -> Vec<String> {
    let all = report.rows.len() <= ROWS_SHOWN;
    let shown = report
        .rows
        .iter()
        .filter(|row| all || row.held.is_some() || matches!(row.sent, Some(Sent::Refused(_))));
    let mut rows = vec![vec![
        "Ô".to_owned(),
        "Tên".to_owned(),
        "Kết luận".to_owned(),
        "Chưa đạt".to_owned(),
        "Còn thiếu".to_owned(),
    ]];
    let mut left = 0;
    let mut flaws = Vec::new();
    for row in shown {
        if rows.len() > ROWS_SHOWN {
            left += 1;
            continue;
        }
        let verdict = row.verdict.map_or("", law::Verdict::name_vi);
        let held = row.held.map_or("", sheet::Held::name_vi);
        let verdict = if verdict.is_empty() { held } else { verdict };
        let papers = row
            .missing
            .iter()
            .map(|kind| law.document_names(kind).map_or(kind.as_str(), |(vi, _)| vi));
        rows.push(vec![
            row.at.clone(),
            row.candidate.clone(),
            verdict.to_owned(),
            row.unmet.join(", "),
            papers.collect::<Vec<_>>().join(", "),
        ]);
        flaws.extend(row.errors.iter().map(|flaw| format!("  {flaw}")));
        if let Some(Sent::Refused(why)) = &row.sent {
            flaws.push(format!("  {}: {why}", row.at));
        }
    }
    let mut lines = Vec::new();
    if rows.len() > 1 {
        lines.push(aligned(&rows));
    }
    lines.extend(flaws);
    if left > 0 {
        lines.push(format!(
            "… và {left} dòng nữa: xem --report / and {left} more rows: see --report"
        ));
    }
    lines
}

/// Writes the form of a list.
#[derive(Debug, Args)]
pub struct TemplateArgs {
    /// Mã. The award's code.
    award: String,
    #[command(flatten)]
    which: Which,
    /// Năm xếp loại cuối cùng; năm trước nếu không ghi. The last year of ratings; last year if left out.
    #[arg(long, value_name = "YEAR")]
    last_year: Option<i32>,
    /// Tệp; ra stdout nếu không ghi. The file; stdout if left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl TemplateArgs {
    /// Writes it.
    pub fn run(self, law: &Law) -> anyhow::Result<u8> {
        let rule_set = self.which.id(law)?;
        let year = self
            .last_year
            .unwrap_or_else(|| clock::day(Clock::System.now()).year() - 1);
        let bytes = sheet::template(law, &self.award, &rule_set, year)?;
        match self.out {
            Some(file) => {
                std::fs::write(&file, bytes)
                    .with_context(|| format!("không ghi được / cannot write {}", file.display()))?;
                say(&file.display().to_string());
            }
            None => std::io::stdout().write_all(&bytes)?,
        }
        Ok(0)
    }
}
