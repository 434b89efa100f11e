//! What can be wrong with the definition of a local award: all of it at once, each with its place.

use std::collections::BTreeSet;

use unicode_normalization::is_nfc;

use super::{CONTENT, LocalAward, LocalCriterion, LocalVersion, Regulation};
use crate::{CRITERION_TYPES, Law, Problem};

const VERSIONS_MAX: usize = 50;
const CRITERIA_MAX: usize = 50;
const PAPERS_MAX: usize = 30;
const BONUSES_MAX: usize = 10;
const TEXT_CHARS_MAX: usize = 2_000;
const NAME_CHARS_MAX: usize = 256;
const WORD_CHARS_MAX: usize = 64;
/// Days and dong beyond these are slips of the pen.
const DAYS_MAX: u32 = 366;
const VND_MAX: i64 = 1_000_000_000;
const HUNDREDTHS_MAX: u32 = 100_000;
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

struct Found(Vec<Problem>);

impl Regulation {
    /// Everything that is wrong with it; `path` says where it stands.
    pub fn problems(&self, path: &str) -> Vec<Problem> {
        let mut found = Found(Vec::new());
        found.regulation(path, self);
        found.0
    }
}

impl LocalAward {
    /// Everything that is wrong with the definition: codes, texts, dates that overlap, criteria that the catalogue does
    /// not have, sizes beyond the limits. Empty if it can be judged by.
    pub fn problems(&self, law: &Law) -> Vec<Problem> {
        let mut found = Found(Vec::new());
        found.code(self);
        found.text("name_vi", &self.name_vi, true, NAME_CHARS_MAX);
        found.text("name_en", &self.name_en, true, NAME_CHARS_MAX);
        if self.versions.is_empty() || self.versions.len() > VERSIONS_MAX {
            found.size("versions", VERSIONS_MAX);
        }
        for (i, version) in self.versions.iter().take(VERSIONS_MAX).enumerate() {
            found.version(&format!("versions[{i}]"), version, law);
            let before = i.checked_sub(1).and_then(|i| self.versions.get(i));
            if before.is_some_and(|before| before.to.is_none_or(|to| version.from < to)) {
                let vi = "các giai đoạn hiệu lực chồng lên nhau; hãy ghi ngày kết thúc của giai đoạn trước";
                let en = "it overlaps the version before; give that one the day on which it ends, oldest first";
                found.add(format!("versions[{i}].from"), "VERSIONS_OVERLAP", vi, en);
            }
        }
        if let Some(ended_by) = &self.ended_by {
            found.regulation("ended_by", ended_by);
        }
        found.0
    }
}

fn is_word(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.len() <= WORD_CHARS_MAX && text.chars().all(fits)
}

impl Found {
    fn add(&mut self, path: impl Into<String>, reason: &'static str, vi: impl Into<String>, en: impl Into<String>) {
        self.0.push(Problem::new(path, reason, vi, en));
    }

    fn size(&mut self, path: &str, max: usize) {
        self.add(
            path,
            "SIZE",
            format!("cần từ 1 đến {max}"),
            format!("1 to {max} are required"),
        );
    }

    fn code(&mut self, award: &LocalAward) {
        let named = award.code.split_once('/');
        let fits = named.is_some_and(|(agency, name)| is_word(agency) && is_word(name));
        if !fits {
            let vi = format!("mã có dạng <cơ quan>/<tên>, mỗi phần 1 đến {WORD_CHARS_MAX} ký tự a-z, 0-9, -");
            let en = format!("write <agency>/<name>, each of 1 to {WORD_CHARS_MAX} of a-z, 0-9 and -");
            self.add("code", "BAD_CODE", vi, en);
        } else if named.is_some_and(|(agency, _)| agency != award.agency) {
            let vi = "phần đầu của mã phải là mã cơ quan ban hành quy định";
            let en = format!("the code must begin with the agency, {}/", award.agency);
            self.add("code", "BAD_CODE", vi, en);
        }
    }

    fn text(&mut self, path: &str, text: &str, required: bool, chars_max: usize) {
        if required && text.trim().is_empty() {
            self.add(path, "EMPTY_TEXT", "không được để trống", "must not be empty");
        }
        if !is_nfc(text) {
            let (vi, en) = (
                "văn bản không ở dạng chuẩn NFC; hãy chuyển mã (Unicode dựng sẵn)",
                "the text is not in Unicode form NFC; convert it",
            );
            self.add(path, "TEXT_NOT_NFC", vi, en);
        }
        let hidden = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\u{feff}');
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        if text.chars().any(|c| control(c) || hidden(c)) {
            let (vi, en) = (
                "văn bản có ký tự điều khiển; hãy xóa",
                "the text has control characters; remove them",
            );
            self.add(path, "CONTROL_CHARACTER", vi, en);
        }
        if text.chars().count() > chars_max {
            let vi = format!("văn bản dài quá {chars_max} ký tự");
            let en = format!("the text is longer than {chars_max} characters");
            self.add(path, "TEXT_TOO_LONG", vi, en);
        }
    }

    fn regulation(&mut self, path: &str, regulation: &Regulation) {
        self.text(&format!("{path}.number"), &regulation.number, true, NAME_CHARS_MAX);
        self.text(&format!("{path}.text"), &regulation.text, false, TEXT_CHARS_MAX);
        self.year(format!("{path}.date"), regulation.date);
    }

    fn year(&mut self, path: String, day: time::Date) {
        if !YEARS.contains(&day.year()) {
            let vi = format!("năm {} không hợp lệ", day.year());
            self.add(
                path,
                "YEAR_OUT_OF_RANGE",
                vi,
                format!("{} is not a likely year", day.year()),
            );
        }
    }

    fn version(&mut self, path: &str, version: &LocalVersion, law: &Law) {
        self.year(format!("{path}.from"), version.from);
        if version.to.is_some_and(|to| to <= version.from) {
            let (vi, en) = (
                "ngày kết thúc phải sau ngày bắt đầu",
                "the end must lie after the beginning",
            );
            self.add(format!("{path}.to"), "DATES_INVERTED", vi, en);
        }
        self.regulation(&format!("{path}.regulation"), &version.regulation);
        if version.criteria.is_empty() || version.criteria.len() > CRITERIA_MAX {
            self.size(&format!("{path}.criteria"), CRITERIA_MAX);
        }
        let mut ids = BTreeSet::new();
        for (i, criterion) in version.criteria.iter().take(CRITERIA_MAX).enumerate() {
            let path = format!("{path}.criteria[{i}]");
            self.criterion(&path, criterion, version, law);
            if criterion.id.as_ref().is_some_and(|id| !ids.insert(id)) {
                let (vi, en) = ("mã nội dung bị trùng", "another criterion has this id");
                self.add(format!("{path}.id"), "DUPLICATE_ID", vi, en);
            }
        }
        self.terms(path, version, law);
    }

    fn criterion(&mut self, path: &str, criterion: &LocalCriterion, version: &LocalVersion, law: &Law) {
        let kind = criterion.kind.as_str();
        if criterion.path != "*" && !is_word(&criterion.path) {
            let (vi, en) = (
                "đường xét gồm a-z, 0-9, - hoặc là *",
                "write * or a word of a-z, 0-9 and -",
            );
            self.add(format!("{path}.path"), "BAD_CODE", vi, en);
        }
        if kind == "unknown" || !CRITERION_TYPES.contains(&kind) {
            let vi = format!("không có loại tiêu chí {kind}");
            let en = format!("{kind} is no type of criterion; see the types in the catalogue");
            self.add(format!("{path}.type"), "UNKNOWN_CRITERION", vi, en);
            return;
        }
        let content = kind == CONTENT;
        let id = criterion.id.as_deref();
        let id_fits = match id {
            Some(id) => content && is_word(id) && !CRITERION_TYPES.contains(&id),
            None => !content,
        };
        if !id_fits {
            let vi = "nội dung do người xác nhận cần mã riêng (a-z, 0-9, -), khác tên các loại tiêu chí; loại khác không có mã";
            let en = "a content that a person answers needs an id of a-z, 0-9 and - that is no type of criterion; no other type has one";
            self.add(format!("{path}.id"), "BAD_CODE", vi, en);
        }
        self.text(&format!("{path}.text_vi"), &criterion.text_vi, content, TEXT_CHARS_MAX);
        self.text(&format!("{path}.text_en"), &criterion.text_en, content, TEXT_CHARS_MAX);
        if let Some(article) = &criterion.article {
            self.text(&format!("{path}.article"), article, true, NAME_CHARS_MAX);
        }
        let parameters = serde_json::to_string(&criterion.parameters).unwrap_or_default();
        self.text(path, &parameters, false, TEXT_CHARS_MAX);
        match criterion.resolve(version) {
            Err(what) => {
                let vi = format!("tham số của loại {kind} không đúng: {what}");
                self.add(path, "BAD_PARAMETER", vi, format!("wrong parameters of {kind}: {what}"));
            }
            Ok(resolved) => {
                let named = resolved.awards().into_iter();
                let others = resolved.none_of.iter().chain(&resolved.or_title).map(String::as_str);
                for award in named.chain(others).filter(|award| !law.knows_award(award)) {
                    let en = format!("award {award} is not in the catalogue; see `vinhdanh law awards`");
                    self.add(path, "UNKNOWN_AWARD", format!("không có mã khen thưởng {award}"), en);
                }
            }
        }
    }

    fn terms(&mut self, path: &str, version: &LocalVersion, law: &Law) {
        if version.papers.len() > PAPERS_MAX {
            self.size(&format!("{path}.papers"), PAPERS_MAX);
        }
        for (i, kind) in version.papers.iter().take(PAPERS_MAX).enumerate() {
            if law.document_names(kind).is_none() {
                let en = format!("{kind} is no kind of paper; see the kinds in the catalogue");
                self.add(
                    format!("{path}.papers[{i}]"),
                    "UNKNOWN_DOCUMENT",
                    format!("không có loại giấy tờ {kind}"),
                    en,
                );
            }
        }
        if version
            .council
            .is_some_and(|council| !(1..=100).contains(&council.threshold_percent))
        {
            self.range(format!("{path}.council.threshold_percent"), 100);
        }
        if version
            .time_limit
            .is_some_and(|limit| !(1..=DAYS_MAX).contains(&limit.days))
        {
            self.range(format!("{path}.time_limit.days"), i64::from(DAYS_MAX));
        }
        if version.bonus.len() > BONUSES_MAX {
            self.size(&format!("{path}.bonus"), BONUSES_MAX);
        }
        for (i, bonus) in version.bonus.iter().take(BONUSES_MAX).enumerate() {
            let path = format!("{path}.bonus[{i}]");
            match (bonus.hundredths, bonus.vnd) {
                (Some(hundredths), None) if (1..=HUNDREDTHS_MAX).contains(&hundredths) => {}
                (None, Some(vnd)) if (1..=VND_MAX).contains(&vnd) => {}
                (Some(_), None) => self.range(format!("{path}.hundredths"), i64::from(HUNDREDTHS_MAX)),
                (None, Some(_)) => self.range(format!("{path}.vnd"), VND_MAX),
                _ => {
                    let (vi, en) = ("ghi hệ số hoặc số tiền, chỉ một", "give either hundredths or vnd");
                    self.add(path, "OUT_OF_RANGE", vi, en);
                }
            }
        }
    }

    fn range(&mut self, path: String, max: i64) {
        self.add(
            path,
            "OUT_OF_RANGE",
            format!("từ 1 đến {max}"),
            format!("between 1 and {max}"),
        );
    }
}
