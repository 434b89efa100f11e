//! Awards, agencies and papers by what people call them. Nothing is taken for something similar: a name is known, or
//! it is an error that tells what is near.

use std::collections::{BTreeMap, BTreeSet};

use law::{Agencies, Law};

use crate::{
    flaw::{What, quoted},
    fold::fold,
};

/// What offices write for short, folded; the second half is a code, or the start of several where the short form does
/// not say which.
const SHORT: &[(&str, &str)] = &[
    ("cstdtq", "chien-si-thi-dua-toan-quoc"),
    ("cstd toan quoc", "chien-si-thi-dua-toan-quoc"),
    ("cstdcs", "chien-si-thi-dua-co-so"),
    ("cstd co so", "chien-si-thi-dua-co-so"),
    ("cstd cap co so", "chien-si-thi-dua-co-so"),
    ("chien si thi dua cap co so", "chien-si-thi-dua-co-so"),
    ("cstd tinh", "chien-si-thi-dua-bo-ban-nganh-tinh"),
    ("cstd cap tinh", "chien-si-thi-dua-bo-ban-nganh-tinh"),
    ("cstd bo", "chien-si-thi-dua-bo-ban-nganh-tinh"),
    ("cstd cap bo", "chien-si-thi-dua-bo-ban-nganh-tinh"),
    ("chien si thi dua cap tinh", "chien-si-thi-dua-bo-ban-nganh-tinh"),
    ("chien si thi dua cap bo", "chien-si-thi-dua-bo-ban-nganh-tinh"),
    ("cstd bo ban nganh tinh", "chien-si-thi-dua-bo-ban-nganh-tinh"),
    ("cstd", "chien-si-thi-dua*"),
    ("chien si thi dua", "chien-si-thi-dua*"),
    ("ldtt", "lao-dong-tien-tien"),
    ("cstt", "chien-si-tien-tien"),
    ("ttldxs", "tap-the-lao-dong-xuat-sac"),
    ("tap the ldxs", "tap-the-lao-dong-xuat-sac"),
    ("ttldtt", "tap-the-lao-dong-tien-tien"),
    ("tap the ldtt", "tap-the-lao-dong-tien-tien"),
    ("dvqt", "don-vi-quyet-thang"),
    ("dvtt", "don-vi-tien-tien"),
    ("gdvh", "gia-dinh-van-hoa"),
    ("co thi dua chinh phu", "co-thi-dua-cua-chinh-phu"),
    ("co tdcp", "co-thi-dua-cua-chinh-phu"),
    ("co chinh phu", "co-thi-dua-cua-chinh-phu"),
    ("co thi dua cap tinh", "co-thi-dua-bo-ban-nganh-tinh"),
    ("co thi dua cap bo", "co-thi-dua-bo-ban-nganh-tinh"),
    ("co thi dua cua ubnd tinh", "co-thi-dua-bo-ban-nganh-tinh"),
    ("co thi dua ubnd tinh", "co-thi-dua-bo-ban-nganh-tinh"),
    ("co thi dua cua bo", "co-thi-dua-bo-ban-nganh-tinh"),
    ("co thi dua", "co-thi-dua*"),
    ("hcsv", "huan-chuong-sao-vang"),
    ("hchcm", "huan-chuong-ho-chi-minh"),
    ("hc sao vang", "huan-chuong-sao-vang"),
    ("hc ho chi minh", "huan-chuong-ho-chi-minh"),
    ("bang khen ttg", "bang-khen-thu-tuong"),
    ("bang khen ttcp", "bang-khen-thu-tuong"),
    ("bang khen thu tuong", "bang-khen-thu-tuong"),
    ("bang khen cua thu tuong", "bang-khen-thu-tuong"),
    ("bang khen thu tuong chinh phu", "bang-khen-thu-tuong"),
    ("bang khen chinh phu", "bang-khen*"),
    ("bang khen bo", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen cap bo", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen cua bo truong", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen bo truong", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen tinh", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen cap tinh", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen ubnd tinh", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen ct ubnd tinh", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen cua ubnd tinh", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen chu tich ubnd tinh", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen cua chu tich ubnd tinh", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen", "bang-khen*"),
    ("giay khen cap xa", "giay-khen-cap-xa"),
    ("giay khen cua chu tich ubnd xa", "giay-khen-cap-xa"),
    ("giay khen cua chu tich ubnd phuong", "giay-khen-cap-xa"),
    ("giay khen cap huyen", "giay-khen-cap-huyen"),
    ("giay khen cua chu tich ubnd huyen", "giay-khen-cap-huyen"),
    ("giay khen don vi", "giay-khen-don-vi"),
    ("giay khen cua don vi", "giay-khen-don-vi"),
    ("giay khen", "giay-khen*"),
    ("ahld", "anh-hung-lao-dong"),
    ("ahllvtnd", "anh-hung-luc-luong-vu-trang-nhan-dan"),
    ("bmvnah", "ba-me-viet-nam-anh-hung"),
    ("ngnd", "nha-giao-nhan-dan"),
    ("ngut", "nha-giao-uu-tu"),
    ("ttnd", "thay-thuoc-nhan-dan"),
    ("ttut", "thay-thuoc-uu-tu"),
    ("nsnd", "nghe-si-nhan-dan"),
    ("nsut", "nghe-si-uu-tu"),
    ("nnnd", "nghe-nhan-nhan-dan"),
    ("nnut", "nghe-nhan-uu-tu"),
    ("knc", "ky-niem-chuong"),
];

/// Short words within a name, folded, and what they stand for.
const WORDS: &[(&str, &str)] = &[
    ("sy", "si"),
    ("bk", "bang khen"),
    ("gk", "giay khen"),
    ("hcld", "huan chuong lao dong"),
    ("hcdl", "huan chuong doc lap"),
    ("hcqc", "huan chuong quan cong"),
    ("hccc", "huan chuong chien cong"),
    ("hcbvtq", "huan chuong bao ve to quoc"),
    ("hccsvv", "huy chuong chien si ve vang"),
];
/// Before a class.
const CLASSED: &[&str] = &[
    "huan chuong lao dong",
    "huan chuong doc lap",
    "huan chuong quan cong",
    "huan chuong chien cong",
    "huan chuong bao ve to quoc",
    "huy chuong chien si ve vang",
];
const OPENINGS: &[&str] = &["danh hieu ", "tang thuong ", "tang ", "hinh thuc ", "de nghi "];

/// Everything that has a name.
pub(crate) struct Names {
    /// Folded name → codes; several where the name does not say which.
    awards: BTreeMap<String, BTreeSet<String>>,
    /// Code → name.
    by_award: BTreeMap<String, String>,
    agencies: BTreeMap<String, BTreeSet<String>>,
    /// Code → name.
    by_agency: BTreeMap<String, String>,
    papers: BTreeMap<String, BTreeSet<String>>,
}

impl Names {
    pub(crate) fn new(law: &Law, agencies: &Agencies) -> Self {
        let mut names = Self {
            awards: BTreeMap::new(),
            by_award: BTreeMap::new(),
            agencies: BTreeMap::new(),
            by_agency: BTreeMap::new(),
            papers: BTreeMap::new(),
        };
        for set in law.rule_sets() {
            for award in law.awards(&set.id) {
                names.by_award.insert(award.code.clone(), award.name_vi.clone());
            }
        }
        for (code, name) in &names.by_award {
            for key in [code, name] {
                names.awards.entry(award_key(key)).or_default().insert(code.clone());
            }
        }
        for (short, meant) in SHORT {
            let codes: BTreeSet<String> = match meant.strip_suffix('*') {
                Some(start) => {
                    let all = names.by_award.keys();
                    all.filter(|code| code.starts_with(start)).cloned().collect()
                }
                None => names.by_award.keys().filter(|code| code == meant).cloned().collect(),
            };
            if !codes.is_empty() {
                names.awards.entry(award_key(short)).or_insert(codes);
            }
        }
        for start in CLASSED {
            let prefix = start.replace(' ', "-");
            let codes: BTreeSet<String> = names
                .by_award
                .keys()
                .filter(|code| code.starts_with(&prefix))
                .cloned()
                .collect();
            names.awards.entry((*start).to_owned()).or_insert(codes);
        }
        for agency in agencies.iter() {
            for key in [&agency.code, &agency.name] {
                names
                    .agencies
                    .entry(agency_key(key))
                    .or_default()
                    .insert(agency.code.clone());
            }
            names.by_agency.insert(agency.code.clone(), agency.name.clone());
        }
        for kind in law.document_kinds() {
            let name = law.document_names(kind).map_or(kind, |(vi, _)| vi);
            for key in [kind, name] {
                names.papers.entry(fold(key)).or_default().insert(kind.to_owned());
            }
        }
        names
    }

    /// The code of an award that is meant without doubt.
    pub(crate) fn award(&self, text: &str) -> Result<String, What> {
        if let Some((owner, name)) = text.split_once('/') {
            // A local award has the code <agency>/<name>.
            if !owner.contains(' ') && !name.is_empty() && self.by_agency.contains_key(owner) {
                return Ok(text.to_owned());
            }
        }
        let key = award_key(text);
        let told = |code: &String| {
            let name = self.by_award.get(code).map_or("", String::as_str);
            format!("{name} ({code})")
        };
        match self.awards.get(&key) {
            Some(codes) if codes.len() == 1 => Ok(codes.iter().next().cloned().unwrap_or_default()),
            Some(codes) => {
                let which = codes.iter().take(6).map(told).collect::<Vec<_>>().join("; ");
                Err(What::new(
                    "AMBIGUOUS_AWARD",
                    format!("{} chưa rõ là danh hiệu, hình thức nào: {which}", quoted(text)),
                    format!("{} may mean {which}", quoted(text)),
                ))
            }
            None => {
                let near: Vec<String> = nearest(&key, &self.awards).iter().map(told).collect();
                Err(unknown("UNKNOWN_AWARD", "danh hiệu, hình thức", "award", text, &near))
            }
        }
    }

    /// The code of an agency that is meant without doubt.
    pub(crate) fn agency(&self, text: &str) -> Result<String, What> {
        if self.by_agency.contains_key(text) {
            return Ok(text.to_owned());
        }
        let key = agency_key(text);
        let told = |code: &String| {
            let name = self.by_agency.get(code).map_or("", String::as_str);
            format!("{name} ({code})")
        };
        match self.agencies.get(&key) {
            Some(codes) if codes.len() == 1 => Ok(codes.iter().next().cloned().unwrap_or_default()),
            Some(codes) => {
                let which = codes.iter().take(6).map(told).collect::<Vec<_>>().join("; ");
                Err(What::new(
                    "AMBIGUOUS_AGENCY",
                    format!("{} chưa rõ là cơ quan nào: {which}; hãy ghi mã", quoted(text)),
                    format!("{} may mean {which}; write the code", quoted(text)),
                ))
            }
            None => {
                let near: Vec<String> = nearest(&key, &self.agencies).iter().map(told).collect();
                Err(unknown("UNKNOWN_AGENCY", "cơ quan, đơn vị", "agency", text, &near))
            }
        }
    }

    /// The code of a kind of paper.
    pub(crate) fn paper(&self, text: &str) -> Option<&str> {
        let codes = self.papers.get(&fold(text)).filter(|codes| codes.len() == 1)?;
        codes.iter().next().map(String::as_str)
    }

    /// The name of an award in Vietnamese; its code where it has none.
    pub(crate) fn award_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.by_award.get(code).map_or(code, String::as_str)
    }
}

fn unknown(reason: &'static str, vi: &str, en: &str, text: &str, near: &[String]) -> What {
    let (mut vi, mut en) = (
        format!("không có {vi} {}", quoted(text)),
        format!("no {en} is called {}", quoted(text)),
    );
    if !near.is_empty() {
        let near = near.join("; ");
        vi = format!("{vi}; gần giống: {near}");
        en = format!("{en}; near it: {near}");
    }
    What::new(reason, vi, en)
}

/// The name of an award as it is looked up: short words written out, classes in words.
fn award_key(text: &str) -> String {
    let mut key = fold(text);
    while let Some(rest) = OPENINGS.iter().find_map(|opening| key.strip_prefix(opening)) {
        key = rest.to_owned();
    }
    let words = key.split(' ').map(|word| {
        WORDS
            .iter()
            .find(|(short, _)| *short == word)
            .map_or(word, |(_, meant)| *meant)
    });
    let key = words.collect::<Vec<_>>().join(" ");
    for start in CLASSED {
        let Some(rest) = key.strip_prefix(start).and_then(|rest| rest.strip_prefix(' ')) else {
            continue;
        };
        let class = match rest.strip_prefix("hang ").unwrap_or(rest) {
            "1" | "i" | "nhat" | "h1" => "nhat",
            "2" | "ii" | "nhi" | "h2" => "nhi",
            "3" | "iii" | "ba" | "h3" => "ba",
            _ => return key,
        };
        return format!("{start} hang {class}");
    }
    key
}

/// The name of an agency as it is looked up. An office writes "UBND tỉnh X", "tỉnh X" or the full name.
fn agency_key(text: &str) -> String {
    let key = fold(text);
    let written_out: Vec<&str> = key
        .split(' ')
        .map(|word| match word {
            "ubnd" => "uy ban nhan dan",
            "tp" => "thanh pho",
            other => other,
        })
        .collect();
    let key = written_out.join(" ");
    key.strip_prefix("uy ban nhan dan ").map_or(key.clone(), str::to_owned)
}

/// Up to three codes whose names are near.
fn nearest(key: &str, names: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    const COMPARED_CHARS_MAX: usize = 120;
    let length = key.chars().count();
    if !(2..=COMPARED_CHARS_MAX).contains(&length) {
        return Vec::new();
    }
    let mut near: Vec<(usize, &String)> = names
        .iter()
        .filter_map(|(name, codes)| {
            let far = distance(key, name);
            let starts = length >= 4 && name.starts_with(key);
            (far <= 1 + length / 5 || starts).then_some((if starts { 0 } else { far }, codes.iter().next()?))
        })
        .collect();
    near.sort();
    let mut codes: Vec<String> = Vec::new();
    for (_, code) in near {
        if !codes.contains(code) && codes.len() < 3 {
            codes.push(code.clone());
        }
    }
    codes
}

/// How many letters must change.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::new(Law::embedded(), &Agencies::embedded())
    }

    #[test]
    fn every_award_is_known_by_code_and_by_name() {
        let names = names();
        for (code, name) in &names.by_award {
            for text in [
                code.clone(),
                name.clone(),
                name.to_uppercase(),
                format!("Danh hiệu {name}"),
            ] {
                assert_eq!(names.award(&text).as_ref(), Ok(code), "{text}");
            }
        }
    }

    #[test]
    fn usual_short_forms_are_known() {
        let names = names();
        for (text, code) in [
            ("CSTĐCS", "chien-si-thi-dua-co-so"),
            ("Chiến sỹ thi đua cơ sở", "chien-si-thi-dua-co-so"),
            ("LĐTT", "lao-dong-tien-tien"),
            ("CSTĐTQ", "chien-si-thi-dua-toan-quoc"),
            ("BK TTg", "bang-khen-thu-tuong"),
            ("Bằng khen của Thủ tướng", "bang-khen-thu-tuong"),
            ("BK UBND tỉnh", "bang-khen-bo-ban-nganh-tinh"),
            ("TTLĐXS", "tap-the-lao-dong-xuat-sac"),
            ("TTLĐTT", "tap-the-lao-dong-tien-tien"),
            ("HCLĐ hạng Ba", "huan-chuong-lao-dong-hang-ba"),
            ("HCLĐ hạng III", "huan-chuong-lao-dong-hang-ba"),
            ("Huân chương Lao động hạng 2", "huan-chuong-lao-dong-hang-nhi"),
        ] {
            assert_eq!(names.award(text).as_deref(), Ok(code), "{text}");
        }
    }

    #[test]
    fn what_may_mean_two_things_is_told_with_both() {
        let names = names();
        for text in ["Bằng khen", "Giấy khen", "CSTĐ", "HCLĐ", "Huân chương Lao động"] {
            let what = names.award(text).expect_err(text);
            assert_eq!(what.reason, "AMBIGUOUS_AWARD", "{text}");
        }
        let what = names.award("Lao động tiên tiếng").expect_err("a slip of the pen");
        assert_eq!(what.reason, "UNKNOWN_AWARD");
        assert!(what.en.contains("lao-dong-tien-tien"), "{}", what.en);
    }

    #[test]
    fn agencies_are_known_by_code_and_by_name() {
        let names = names();
        for text in [
            "tinh-hung-yen",
            "UBND tỉnh Hưng Yên",
            "Ủy ban nhân dân tỉnh Hưng Yên",
            "Tỉnh Hưng Yên",
        ] {
            assert_eq!(names.agency(text).as_deref(), Ok("tinh-hung-yen"), "{text}");
        }
        let what = names.agency("Tỉnh Hưng Yênn").expect_err("a slip of the pen");
        assert!(what.vi.contains("tinh-hung-yen"), "{}", what.vi);
    }
}
