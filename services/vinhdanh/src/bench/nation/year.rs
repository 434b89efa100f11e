//! How a year's dossiers are spread over awards and months, and the way that the law gives each of them.

use anyhow::{Context as _, bail};
use law::{Agencies, DossierFile, Law, Route};
use serde::Deserialize;
use serde_json::json;
use time::Date;

use crate::bench::dossier::{DAY, Script, UNIT};

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

/// The way of each award on a day.
pub struct Ways<'a> {
    year: &'a Year,
    day: Date,
    routes: Vec<Route>,
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

    fn award(&self, number: usize) -> usize {
        let mut rest = number * STRIDE % 1_000;
        for (at, share) in self.award.iter().enumerate() {
            if rest < share.per_mille {
                return at;
            }
            rest -= share.per_mille;
        }
        0
    }

    /// The ways that the law gives on a day.
    pub fn ways(&self, day: Date) -> anyhow::Result<Ways<'_>> {
        let (law, agencies) = (Law::embedded(), Agencies::embedded());
        let route = |share: &Share| {
            let file = DossierFile::parse(&file(&share.code, 1, day))
                .map_err(|problems| anyhow::anyhow!("{}: {problems:?}", share.code))?;
            let route = law.route(&file, &agencies, day);
            route.with_context(|| format!("the law gives {} no way on {day}", share.code))
        };
        let routes = self.award.iter().map(route).collect::<anyhow::Result<_>>()?;
        Ok(Ways {
            year: self,
            day,
            routes,
        })
    }
}

impl Ways<'_> {
    /// The acts on the dossier of a number.
    pub fn script(&self, number: usize) -> Script {
        let at = self.year.award(number);
        let content = file(&self.year.award[at].code, number, self.day);
        Script::on(content, number, &self.routes[at])
    }
}

/// Somebody with a long record, so that nothing is lacking for any of the awards.
fn file(award: &str, number: usize, day: Date) -> String {
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
            "agency": UNIT,
            "position": "Giáo viên",
            "occupation": "teacher",
            "direct_worker": true
        },
        "submitting_agency": UNIT,
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

    #[test]
    fn a_thousand_dossiers_are_spread_as_the_file_says() {
        let year = Year::embedded().unwrap();
        let mut counts = vec![0; year.award.len()];
        for number in 1..=1_000 {
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
    fn every_award_has_a_way_and_most_end_at_the_unit() {
        let year = Year::embedded().unwrap();
        let ways = year.ways(DAY).unwrap();
        let levels: Vec<usize> = ways.routes.iter().map(|route| route.stations.len()).collect();
        assert_eq!(levels, [1, 1, 2, 3, 3, 3]);
    }
}
