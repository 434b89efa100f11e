//! The sample dossiers that the demo plays, with what must come of each.

use anyhow::Context;
use serde::Deserialize;
use time::Date;

macro_rules! samples {
    ($($name:literal)*) => {
        &[$((
            $name,
            include_str!(concat!("../../../../tests/samples/", $name, ".json")),
            include_str!(concat!("../../../../tests/samples/", $name, ".expect.json")),
        ),)*]
    };
}

/// Name, dossier file, what its check must say.
const SAMPLES: &[(&str, &str, &str)] = samples![
    "ben-tre-2025-chien-si-thi-dua-toan-quoc"
    "hanoi-2019-chien-si-thi-dua-co-so"
    "hanoi-2019-nguoi-tot-viec-tot"
    "hung-yen-2025-dang-thanh-tra"
    "hung-yen-2025-huan-chuong-lao-dong-hang-ba"
    "hung-yen-2025-thieu-bao-cao"
    "hung-yen-2025-thieu-mot-chien-si-thi-dua"
    "mic-2020-co-thi-dua-cua-bo"
    "phuong-hoan-kiem-2026-giay-khen"
    "thai-binh-2023-bang-khen-tinh"
    "thanh-hoa-2026-bang-khen-thu-tuong"
    "vpqh-2019-tap-the-lao-dong-xuat-sac"
];

/// What the check of a sample must say.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Id of the rule set that judges it.
    pub rule_set: String,
    /// The verdict.
    pub verdict: String,
    /// Who decides.
    pub deciding_agency: String,
    /// The stations, lowest first.
    pub levels: Vec<String>,
    /// Criteria that must be among the unmet ones.
    pub unmet: Vec<String>,
    /// Papers that must be among the missing ones.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Simplified where the law allows it.
    #[serde(default = "ordinary")]
    pub procedure: String,
}

fn ordinary() -> String {
    "ordinary".to_owned()
}

/// How a sample's way ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Decided: awarded.
    Awarded,
    /// Its council votes it down, and the leader concludes.
    Refused,
    /// It waits for the end of an inspection.
    OnHold,
}

impl End {
    /// The status that a course then has.
    pub fn status(self) -> &'static str {
        match self {
            Self::Awarded => "awarded",
            Self::Refused => "refused",
            Self::OnHold => "suspended",
        }
    }
}

/// One sample.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its place in the story, from 1.
    pub number: u32,
    /// The file's name.
    pub name: &'static str,
    /// The dossier file.
    pub content: &'static str,
    /// What its check must say.
    pub expected: Expected,
    /// The day on which it is handed in.
    pub day: Date,
    /// Where its way begins: the candidate's agency, which proposes.
    pub proposer: String,
    /// Who signs the letter that the file names.
    pub submitting_agency: String,
    /// That letter's number.
    pub letter: String,
}

#[derive(Deserialize)]
struct File {
    candidate: Candidate,
    submitting_agency: String,
    letter: Letter,
    received_on: Option<Date>,
}

#[derive(Deserialize)]
struct Candidate {
    agency: String,
}

#[derive(Deserialize)]
struct Letter {
    number: String,
    date: Date,
}

impl Sample {
    /// All samples in the order of their days.
    pub fn all() -> anyhow::Result<Vec<Self>> {
        let mut all = Vec::new();
        for (name, content, expected) in SAMPLES {
            all.push(Self::read(name, content, expected).with_context(|| format!("sample {name}"))?);
        }
        all.sort_by_key(|sample| (sample.day, sample.name));
        for (number, sample) in (1..).zip(&mut all) {
            sample.number = number;
        }
        Ok(all)
    }

    fn read(name: &'static str, content: &'static str, expected: &str) -> anyhow::Result<Self> {
        let file: File = serde_json::from_str(content)?;
        Ok(Self {
            number: 0,
            name,
            content,
            expected: serde_json::from_str(expected)?,
            day: file.received_on.unwrap_or(file.letter.date),
            proposer: file.candidate.agency,
            submitting_agency: file.submitting_agency,
            letter: file.letter.number,
        })
    }

    /// How its way must end.
    pub fn end(&self) -> End {
        match self.expected.verdict.as_str() {
            "not-eligible" => End::Refused,
            "on-hold" => End::OnHold,
            _ => End::Awarded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_read_and_they_come_by_their_days() {
        let all = Sample::all().unwrap();
        assert_eq!(all.len(), 12);
        assert!(all.is_sorted_by_key(|sample| sample.day));
        let ends = |end| all.iter().filter(|sample| sample.end() == end).count();
        assert_eq!((ends(End::Awarded), ends(End::Refused), ends(End::OnHold)), (10, 1, 1));
    }

    #[test]
    fn no_two_samples_share_a_letter() {
        let mut letters: Vec<_> = Sample::all()
            .unwrap()
            .into_iter()
            .map(|sample| (sample.submitting_agency, sample.day.year(), sample.letter))
            .collect();
        letters.sort();
        letters.dedup();
        assert_eq!(letters.len(), 12);
    }
}
