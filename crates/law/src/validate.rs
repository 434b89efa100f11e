//! What can be wrong with a dossier file that reads well: codes that nobody knows, dates in the wrong order, texts
//! that would not print the same everywhere.

use std::collections::BTreeMap;

use time::Date;
use unicode_normalization::is_nfc;

use crate::{Agencies, DossierFile, Law, Problem, catalogue::CRITERION_TYPES};

const REFERENCE_CHARS_MAX: usize = 64;
const NAME_CHARS_MAX: usize = 300;
const SUMMARY_CHARS_MAX: usize = 20_000;
/// Years outside of this span are slips of the pen.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

struct Found {
    problems: Vec<Problem>,
}

impl Law {
    /// Everything that is wrong with the file, as of `today`. Whether the candidate is eligible is another question:
    /// see [`Law::check`].
    pub fn validate(&self, d: &DossierFile, agencies: &Agencies, today: Date) -> Vec<Problem> {
        let mut found = Found { problems: Vec::new() };
        found.texts(d);
        found.codes(self, d, agencies);
        found.dates(d, today);
        found.facts(d);
        found.problems
    }
}

impl Found {
    fn add(&mut self, path: impl Into<String>, reason: &'static str, vi: impl Into<String>, en: impl Into<String>) {
        self.problems.push(Problem::new(path, reason, vi, en));
    }

    fn text(&mut self, path: &str, text: &str, lines: bool, chars_max: usize) {
        if !is_nfc(text) {
            let vi = "văn bản không ở dạng chuẩn NFC; hãy chuyển mã (Unicode dựng sẵn)";
            self.add(
                path,
                "TEXT_NOT_NFC",
                vi,
                "the text is not in Unicode form NFC; convert it",
            );
        }
        let control = |c: char| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'));
        let hidden = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if text.chars().any(|c| control(c) || hidden(c)) {
            let vi = "văn bản có ký tự điều khiển; hãy xóa";
            self.add(
                path,
                "CONTROL_CHARACTER",
                vi,
                "the text has control characters; remove them",
            );
        }
        if text.chars().count() > chars_max {
            let vi = format!("văn bản dài quá {chars_max} ký tự");
            self.add(
                path,
                "TEXT_TOO_LONG",
                vi,
                format!("the text is longer than {chars_max} characters"),
            );
        }
    }

    fn required(&mut self, path: &str, text: &str, chars_max: usize) {
        if text.trim().is_empty() {
            self.add(path, "EMPTY_TEXT", "không được để trống", "must not be empty");
        }
        self.text(path, text, false, chars_max);
    }

    fn optional(&mut self, path: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.text(path, text, false, SUMMARY_CHARS_MAX);
        }
    }

    fn texts(&mut self, d: &DossierFile) {
        if let Some(reference) = &d.reference {
            self.required("reference", reference, REFERENCE_CHARS_MAX);
        }
        let candidate = &d.candidate;
        self.required("candidate.name", &candidate.name, NAME_CHARS_MAX);
        self.optional("candidate.id", candidate.id.as_ref());
        self.optional("candidate.position", candidate.position.as_ref());
        self.optional("candidate.ethnicity", candidate.ethnicity.as_ref());
        self.required("letter.number", &d.letter.number, NAME_CHARS_MAX);
        self.optional("letter.signed_by", d.letter.signed_by.as_ref());
        self.text("achievement.summary", &d.achievement.summary, true, SUMMARY_CHARS_MAX);
        if let Some(act) = &d.achievement.act {
            self.text("achievement.act", act, true, SUMMARY_CHARS_MAX);
        }
        for (i, nationality) in candidate.nationalities.iter().enumerate() {
            if nationality.len() != 2 || !nationality.bytes().all(|b| b.is_ascii_uppercase()) {
                let (vi, en) = (
                    "mã quốc tịch gồm hai chữ cái in hoa",
                    "a nationality is two capital letters",
                );
                self.add(format!("candidate.nationalities[{i}]"), "UNKNOWN_CODE", vi, en);
            }
        }
        for (i, held) in d.record.awards.iter().enumerate() {
            self.optional(&format!("record.awards[{i}].decision"), held.decision.as_ref());
            self.optional(&format!("record.awards[{i}].issuer"), held.issuer.as_ref());
            let act = held
                .achievement
                .as_ref()
                .and_then(|achievement| achievement.act.as_ref());
            self.optional(&format!("record.awards[{i}].achievement.act"), act);
        }
        for (i, work) in d.record.initiatives.iter().enumerate() {
            self.text(
                &format!("record.initiatives[{i}].title"),
                &work.title,
                true,
                SUMMARY_CHARS_MAX,
            );
            self.optional(
                &format!("record.initiatives[{i}].recognised_by"),
                work.recognised_by.as_ref(),
            );
            self.optional(&format!("record.initiatives[{i}].decision"), work.decision.as_ref());
        }
        for (i, post) in d.record.posts.iter().enumerate() {
            self.required(&format!("record.posts[{i}].post"), &post.post, NAME_CHARS_MAX);
        }
        for (i, answer) in d.declared.iter().enumerate() {
            self.text(&format!("declared[{i}].text"), &answer.text, true, SUMMARY_CHARS_MAX);
        }
        for (i, paper) in d.documents.iter().enumerate() {
            self.optional(&format!("documents[{i}].number"), paper.number.as_ref());
            if let Some(file) = &paper.file {
                let path = format!("documents[{i}].file");
                self.required(&path, file, NAME_CHARS_MAX);
                let outside =
                    file.starts_with(['/', '\\']) || file.contains(':') || file.split(['/', '\\']).any(|p| p == "..");
                if outside {
                    let vi = "đường dẫn phải nằm trong thư mục của hồ sơ";
                    self.add(
                        path,
                        "BAD_PATH",
                        vi,
                        "the path must stay inside the folder of the dossier",
                    );
                }
            }
            let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            if paper
                .sha256
                .as_ref()
                .is_some_and(|digest| digest.len() != 64 || !digest.bytes().all(hex))
            {
                let (vi, en) = (
                    "sha256 gồm 64 chữ số hex viết thường",
                    "sha256 is 64 lower-case hex digits",
                );
                self.add(format!("documents[{i}].sha256"), "BAD_DIGEST", vi, en);
            }
        }
    }

    fn codes(&mut self, law: &Law, d: &DossierFile, agencies: &Agencies) {
        let award = |found: &mut Self, path: String, code: &str| {
            if !law.knows_award(code) {
                let en = format!("award {code} is not in the catalogue; see `vinhdanh law awards`");
                found.add(path, "UNKNOWN_AWARD", format!("không có mã khen thưởng {code}"), en);
            }
        };
        award(self, "award".to_owned(), &d.award);
        for (i, held) in d.record.awards.iter().enumerate() {
            award(self, format!("record.awards[{i}].award"), &held.award);
        }
        for title in d
            .record
            .collective
            .iter()
            .flat_map(|collective| collective.titles.keys())
        {
            award(self, format!("record.collective.titles.{title}"), title);
        }
        let mut agency = |path: &str, code: &str| {
            if agencies.get(code).is_none() {
                let en = format!("agency {code} is not in the directory; register it first");
                self.add(path, "UNKNOWN_AGENCY", format!("không có cơ quan {code}"), en);
            }
        };
        agency("candidate.agency", &d.candidate.agency);
        agency("submitting_agency", &d.submitting_agency);
        if let Some((owner, _)) = d.award.split_once('/') {
            agency("award", owner);
        }
        let local = agencies.local_award(&d.award, d.letter.date);
        let content = |id: &str| local.is_some_and(|rule| rule.criteria.iter().any(|c| c.id.as_deref() == Some(id)));
        for (i, answer) in d.declared.iter().enumerate() {
            if !CRITERION_TYPES.contains(&answer.criterion.as_str()) && !content(&answer.criterion) {
                let code = &answer.criterion;
                let en = format!("{code} is no type of criterion; see the types in the catalogue");
                self.add(
                    format!("declared[{i}].criterion"),
                    "UNKNOWN_CRITERION",
                    format!("không có tiêu chí {code}"),
                    en,
                );
            }
        }
        for (i, paper) in d.documents.iter().enumerate() {
            if law.document_names(&paper.kind).is_none() {
                let kind = &paper.kind;
                let en = format!("{kind} is no kind of paper; see the kinds in the catalogue");
                self.add(
                    format!("documents[{i}].kind"),
                    "UNKNOWN_DOCUMENT",
                    format!("không có loại giấy tờ {kind}"),
                    en,
                );
            }
        }
    }

    fn past(&mut self, path: &str, day: Date, today: Date) {
        if day > today {
            let vi = format!("ngày {day} sau ngày hôm nay ({today})");
            self.add(path, "DATE_IN_FUTURE", vi, format!("{day} is after today ({today})"));
        }
    }

    fn ordered(&mut self, path: &str, from: Date, to: Option<Date>) {
        if let Some(to) = to.filter(|to| *to < from) {
            let vi = format!("thời điểm kết thúc {to} trước thời điểm bắt đầu {from}");
            self.add(
                path,
                "DATES_INVERTED",
                vi,
                format!("the end {to} is before the beginning {from}"),
            );
        }
    }

    fn dates(&mut self, d: &DossierFile, today: Date) {
        self.past("letter.date", d.letter.date, today);
        if let Some(received) = d.received_on {
            self.past("received_on", received, today);
        }
        self.ordered("received_on", d.letter.date, d.received_on);
        self.ordered("achievement.to", d.achievement.from, Some(d.achievement.to));
        let record = &d.record;
        for (i, post) in record.posts.iter().enumerate() {
            self.ordered(&format!("record.posts[{i}].to"), post.from, post.to);
        }
        for (i, measure) in record.discipline.iter().enumerate() {
            self.past(&format!("record.discipline[{i}].date"), measure.date, today);
            self.ordered(
                &format!("record.discipline[{i}].ended_on"),
                measure.date,
                measure.ended_on,
            );
        }
        for (i, proceeding) in record.proceedings.iter().enumerate() {
            self.past(
                &format!("record.proceedings[{i}].opened_on"),
                proceeding.opened_on,
                today,
            );
            self.ordered(
                &format!("record.proceedings[{i}].closed_on"),
                proceeding.opened_on,
                proceeding.closed_on,
            );
        }
        for (i, held) in record.awards.iter().enumerate() {
            if let Some(date) = held.date {
                self.past(&format!("record.awards[{i}].date"), date, today);
                self.ordered(&format!("record.awards[{i}].revoked_on"), date, held.revoked_on);
            }
            if let Some(from) = held.achievement.as_ref().and_then(|achievement| achievement.from) {
                let to = held.achievement.as_ref().and_then(|achievement| achievement.to);
                self.ordered(&format!("record.awards[{i}].achievement.to"), from, to);
            }
        }
    }

    fn year(&mut self, path: String, year: i32) {
        if !YEARS.contains(&year) {
            self.add(
                path,
                "YEAR_OUT_OF_RANGE",
                format!("năm {year} không hợp lệ"),
                format!("{year} is not a likely year"),
            );
        }
    }

    fn facts(&mut self, d: &DossierFile) {
        let mut rated = BTreeMap::new();
        for (i, rating) in d.record.ratings.iter().enumerate() {
            self.year(format!("record.ratings[{i}].year"), rating.year);
            if rated
                .insert(rating.year, rating.rating)
                .is_some_and(|other| other != rating.rating)
            {
                let year = rating.year;
                let vi = format!("năm {year} có hai mức xếp loại khác nhau");
                self.add(
                    format!("record.ratings[{i}]"),
                    "CONTRADICTION",
                    vi,
                    format!("{year} has two different ratings"),
                );
            }
        }
        for (i, held) in d.record.awards.iter().enumerate() {
            self.year(format!("record.awards[{i}].year"), held.year);
        }
        for (i, work) in d.record.initiatives.iter().enumerate() {
            self.year(format!("record.initiatives[{i}].year"), work.year);
        }
        if let Some(year) = d.award_year {
            self.year("award_year".to_owned(), year);
        }
        if let Some(born) = d.candidate.born {
            self.year("candidate.born".to_owned(), born);
        }
        if let (Some(collective), Some(members)) = (&d.record.collective, d.candidate.members) {
            let counts = collective
                .titles
                .values()
                .copied()
                .chain(collective.completed_or_better);
            if counts.into_iter().any(|count| count > members) {
                let vi = format!("số người được tính nhiều hơn số thành viên ({members})");
                let en = format!("more members are counted than the collective has ({members})");
                self.add("record.collective", "CONTRADICTION", vi, en);
            }
        }
        let rank = d
            .record
            .collective
            .as_ref()
            .and_then(|collective| collective.cluster_rank);
        if rank == Some(0) {
            let (vi, en) = ("thứ hạng bắt đầu từ 1", "ranks start at 1");
            self.add("record.collective.cluster_rank", "OUT_OF_RANGE", vi, en);
        }
    }
}
