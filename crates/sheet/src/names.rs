//! Awards, agencies and papers by what people call them. Nothing is taken for something similar: a name is known, or
//! it is an error that tells what is near.

mod register;
mod short;

use std::collections::{BTreeMap, BTreeSet};

use law::{Agencies, Law};

use self::{
    register::{Register, Words},
    short::{CLASSED, SHORT, agency_key, award_key},
};
use crate::{flaw::What, fold::fold};

/// Everything that has a name.
pub(crate) struct Names {
    awards: Register,
    agencies: Register,
    /// Folded name → kinds.
    papers: BTreeMap<String, BTreeSet<String>>,
}

impl Names {
    pub(crate) fn new(law: &Law, agencies: &Agencies) -> Self {
        let mut papers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for kind in law.document_kinds() {
            let name = law.document_names(kind).map_or(kind, |(vi, _)| vi);
            for key in [kind, name] {
                papers.entry(fold(key)).or_default().insert(kind.to_owned());
            }
        }
        Self {
            awards: awards(law),
            agencies: Register::new(
                Words {
                    unknown: "UNKNOWN_AGENCY",
                    unknown_vi: "cơ quan, đơn vị",
                    unknown_en: "agency",
                    ambiguous: "AMBIGUOUS_AGENCY",
                    ambiguous_vi: "cơ quan",
                    advice: ["; hãy ghi mã", "; write the code"],
                },
                agency_key,
                agencies
                    .iter()
                    .map(|agency| (agency.code.clone(), agency.name.clone()))
                    .collect(),
            ),
            papers,
        }
    }

    /// The code of an award that is meant without doubt.
    pub(crate) fn award(&self, text: &str) -> Result<String, What> {
        if let Some((owner, name)) = text.split_once('/') {
            // A local award has the code <agency>/<name>.
            if !owner.contains(' ') && !name.is_empty() && self.agencies.names().contains_key(owner) {
                return Ok(text.to_owned());
            }
        }
        self.awards.code(text)
    }

    /// The code of an agency that is meant without doubt.
    pub(crate) fn agency(&self, text: &str) -> Result<String, What> {
        if self.agencies.names().contains_key(text) {
            return Ok(text.to_owned());
        }
        self.agencies.code(text)
    }

    /// The code of a kind of paper.
    pub(crate) fn paper(&self, text: &str) -> Option<&str> {
        let codes = self.papers.get(&fold(text)).filter(|codes| codes.len() == 1)?;
        codes.iter().next().map(String::as_str)
    }

    /// The name of an award in Vietnamese; its code where it has none.
    pub(crate) fn award_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.awards.names().get(code).map_or(code, String::as_str)
    }
}

/// The awards of all rule sets, by their codes, their newest names and what offices write for short.
fn awards(law: &Law) -> Register {
    let mut names = BTreeMap::new();
    for set in law.rule_sets() {
        for award in law.awards(&set.id) {
            names.insert(award.code.clone(), award.name_vi.clone());
        }
    }
    let words = Words {
        unknown: "UNKNOWN_AWARD",
        unknown_vi: "danh hiệu, hình thức",
        unknown_en: "award",
        ambiguous: "AMBIGUOUS_AWARD",
        ambiguous_vi: "danh hiệu, hình thức",
        advice: ["", ""],
    };
    let mut awards = Register::new(words, award_key, names);
    for (short, meant) in SHORT {
        awards.also(short, |code| {
            meant
                .strip_suffix('*')
                .map_or(code == *meant, |start| code.starts_with(start))
        });
    }
    for name in CLASSED {
        let start = name.replace(' ', "-");
        awards.also(name, |code| code.starts_with(&start));
    }
    awards
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
        for (code, name) in names.awards.names() {
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
