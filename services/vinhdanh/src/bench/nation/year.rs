//! How a year's dossiers are spread over awards and months, and the way that the law gives each of them.

use anyhow::{Context as _, bail};
use law::{DossierFile, Law};
use serde::Deserialize;
use serde_json::json;
use time::Date;

use super::units::Units;
use crate::bench::dossier::{DAY, Script};

/// A step that visits every remainder of a thousand once.
const STRIDE: usize = 619;

/// A year, as `shares.toml` has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Year {
    award: Vec<Share>,
    months: Months,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Share {
    code: String,
    per_mille: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Months {
    weights: [f64; 12],
}

impl Year {
    /// The one that is compiled in.
    pub fn embedded() -> anyhow::Result<Self> {
        let year: Self = toml::from_str(include_str!("shares.toml")).context("shares.toml")?;
        let sum: usize = year.award.iter().map(|share| share.per_mille).sum();
        if sum != 1_000 {
            bail!("shares.toml: the awards sum to {sum} of a thousand");
        }
        Ok(year)
    }

    /// Which part of the year's dossiers has been handed in after step `step` of so many, from the month of [`DAY`] on.
    pub fn part(&self, step: usize, steps: usize) -> f64 {
        let first = usize::from(u8::from(DAY.month())) - 1;
        let weight = |step: usize| self.months.weights[(first + step * 12 / steps) % 12];
        let all: f64 = (0..steps).map(weight).sum();
        (0..=step).map(weight).sum::<f64>() / all
    }

    /// Which award the dossier of a number is for. Every thousand has the same shares in another order: else the units,
    /// which take turns too, would each propose one and the same award for ever.
    fn award(&self, number: usize) -> usize {
        let mut rest = (number * STRIDE + (number - 1) / 1_000) % 1_000;
        for (at, share) in self.award.iter().enumerate() {
            if rest < share.per_mille {
                return at;
            }
            rest -= share.per_mille;
        }
        0
    }

    /// The acts on the dossier of a number, from 1, that is handed in on a day: by the unit whose turn it is, and along the
    /// way that the law gives from there.
    pub fn script(&self, number: usize, units: &Units, day: Date) -> anyhow::Result<Script> {
        let (award, unit) = (&self.award[self.award(number)].code, units.proposing(number));
        let content = file(award, unit, number, day);
        let parsed = DossierFile::parse(&content).map_err(|problems| anyhow::anyhow!("{award}: {problems:?}"))?;
        let route = Law::embedded()
            .route(&parsed, units.agencies(), day)
            .with_context(|| format!("the law gives {award} no way from {unit} on {day}"))?;
        Ok(Script::on(content, unit, number, &route))
    }
}

/// Somebody with a long record, so that nothing is lacking for any of the awards.
fn file(award: &str, unit: &str, number: usize, day: Date) -> String {
    let ratings: Vec<_> = (2015..=2025)
        .map(|year| json!({"year": year, "rating": "hoan-thanh-xuat-sac"}))
        .collect();
    let awards: Vec<_> = (2016..2025)
        .flat_map(|year| ["lao-dong-tien-tien", "chien-si-thi-dua-co-so"].map(|award| (award, year)))
        .map(|(award, year)| json!({"award": award, "year": year, "decision": format!("{year}/QĐ")}))
        .collect();
    let documents = [
        "to-trinh",
        "bao-cao-thanh-tich",
        "xac-nhan-thanh-tich",
        "chung-nhan-sang-kien",
        "bien-ban-binh-xet",
    ]
    .map(|kind| json!({"kind": kind, "number": "1/TL"}));
    json!({
        "schema": "vinhdanh.dossier/1",
        "reference": format!("NAM-{number:07}"),
        "award": award,
        "basis": "merit",
        "candidate": {
            "kind": "individual",
            "id": format!("NAM-{number:07}"),
            "name": format!("Người được đề nghị {number}"),
            "agency": unit,
            "position": "Giáo viên",
            "occupation": "teacher",
            "direct_worker": true
        },
        "submitting_agency": unit,
        "letter": {"number": format!("{number}/TTr"), "date": day.to_string()},
        "achievement": {
            "from": "2024-01-01",
            "to": "2024-12-31",
            "summary": "Tóm tắt thành tích (dữ liệu dựng để đo)."
        },
        "record": {"ratings": ratings, "awards": awards},
        "declared": [{"criterion": "declared", "text": "Đạt, theo xác nhận của cơ quan trình."}],
        "documents": documents
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::Act;

    #[test]
    fn every_thousand_dossiers_are_spread_as_the_file_says() {
        let year = Year::embedded().unwrap();
        let wanted: Vec<usize> = year.award.iter().map(|share| share.per_mille).collect();
        for first in [1, 1_001, 99_001] {
            let mut counts = vec![0; year.award.len()];
            for number in first..first + 1_000 {
                counts[year.award(number)] += 1;
            }
            assert_eq!(counts, wanted, "from {first}");
        }
    }

    #[test]
    fn who_proposes_every_thousandth_dossier_proposes_as_the_file_says_too() {
        let year = Year::embedded().unwrap();
        let mut counts = vec![0; year.award.len()];
        for number in (7..1_000_000).step_by(1_000) {
            counts[year.award(number)] += 1;
        }
        let wanted: Vec<usize> = year.award.iter().map(|share| share.per_mille).collect();
        assert_eq!(counts, wanted);
    }

    #[test]
    fn the_year_ends_whole_and_its_peaks_are_high() {
        let year = Year::embedded().unwrap();
        assert!((year.part(23, 24) - 1.0).abs() < 1e-9);
        // From August on: the first step of October, and that of December.
        let of = |step: usize| year.part(step, 24) - year.part(step - 1, 24);
        assert!(of(8) > 1.5 * of(4));
    }

    #[test]
    fn every_award_has_a_way_from_every_unit_and_most_end_there() {
        let (year, units) = (Year::embedded().unwrap(), Units::of(0.01));
        let mut ways = std::collections::BTreeMap::new();
        for number in 1..=33_000 {
            ways.entry((year.award(number), units.proposing(number)))
                .or_insert(number);
        }
        for ((award, unit), number) in ways {
            let script = year.script(number, &units, DAY).unwrap();
            let lines = script.before.iter().chain(&script.after);
            let received = lines.filter(|line| matches!(line.act, Act::Receive));
            let stations: Vec<&str> = received.map(|line| line.actor.agency.as_str()).collect();
            let chain = units.agencies().chain_on(unit, DAY);
            let way = [unit, chain[1].code.as_str(), "ban-td-kt-trung-uong"];
            let levels = [1, 1, 2, 3, 3, 3][award];
            assert_eq!(stations, way[..levels], "{}", year.award[award].code);
        }
    }
}
