//! The communes and wards that propose: those of the reference set, and as many more as a part of the country has.

use access::Role;
use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _};
use host::{entropy::fresh_id, replica};
use law::{Agencies, Agency, Level};
use proto::directory::v1::RegisterAgencyRequest;
use time::macros::date;

use crate::{
    bench::dossier::DAY,
    client::Failure,
    rehearse::{scenario::Actor, stage::Stage},
};

/// Communes, wards and special zones of the whole country since 2025-07-01, about.
const NATION: f64 = 3_300.0;
/// Operators are bound to no agency.
const OPERATOR: &str = "bo-noi-vu";

/// Who proposes, and the directory that has them all.
pub struct Units {
    codes: Vec<String>,
    agencies: Agencies,
    /// Those that the reference set does not have.
    made: Vec<Agency>,
}

impl Units {
    /// Those of a part of the country; those that are made stand under its provinces in turn.
    pub fn of(scale: f64) -> Self {
        let wanted = ((NATION * scale).round() as usize).max(1);
        let mut agencies = Agencies::embedded();
        let there: Vec<&Agency> = agencies.iter().filter(|agency| agency.exists_on(DAY)).collect();
        let communes = there.iter().filter(|agency| agency.is_commune());
        let mut codes: Vec<String> = communes.map(|agency| agency.code.clone()).take(wanted).collect();
        let provinces = there.iter().filter(|agency| agency.kind == "province").cycle();
        let made: Vec<Agency> = (codes.len() + 1..=wanted)
            .zip(provinces)
            .map(|(number, province)| commune(number, province))
            .collect();
        for agency in &made {
            codes.push(agency.code.clone());
            agencies.insert(agency.clone());
        }
        Self { codes, agencies, made }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Who proposes the dossier of a number: one after the other.
    pub fn proposing(&self, number: usize) -> &str {
        &self.codes[number % self.codes.len()]
    }

    /// The directory.
    pub fn agencies(&self) -> &Agencies {
        &self.agencies
    }

    /// Registers those that the services do not know, so many at once.
    pub async fn register(&self, stage: &Stage, at_once: usize) -> anyhow::Result<()> {
        let operator = stage.acting(&Actor::of(Role::Operator, OPERATOR))?;
        let operator = &operator;
        let register = async |agency: &Agency| {
            let request = RegisterAgencyRequest {
                request_id: fresh_id(),
                agency: Some(replica::to_proto(agency, String::new())),
            };
            let registered = operator.directory().register_agency(request).await;
            registered
                .map(drop)
                .map_err(Failure::from)
                .with_context(|| format!("registering {}", agency.code))
        };
        futures::stream::iter(&self.made)
            .map(register)
            .buffer_unordered(at_once.max(1))
            .try_collect()
            .await
    }
}

fn commune(number: usize, province: &Agency) -> Agency {
    Agency {
        code: format!("xa-so-{number:04}"),
        name: format!("Ủy ban nhân dân xã số {number} (dữ liệu dựng để đo)"),
        level: Level::Unit,
        kind: "commune".to_owned(),
        parent: Some(province.code.clone()),
        second_parent: None,
        from: Some(date!(2025 - 07 - 01)),
        to: None,
        successor: None,
        note: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_country_has_its_part_of_the_units_each_in_a_province() {
        for (scale, count) in [(0.0001, 1), (0.01, 33), (1.0 / 30.0, 110), (1.0, 3_300)] {
            let units = Units::of(scale);
            assert_eq!(units.len(), count);
            for code in &units.codes {
                let chain = units.agencies.chain_on(code, DAY);
                assert!(chain[0].is_commune(), "{code}");
                assert_eq!(chain[1].kind, "province", "{code}");
            }
        }
        assert!(Units::of(0.0001).made.is_empty());
    }

    #[test]
    fn dossiers_are_dealt_evenly() {
        let units = Units::of(0.01);
        let mut counts = std::collections::BTreeMap::new();
        for number in 1..=30_000 {
            *counts.entry(units.proposing(number)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), units.len());
        assert!(counts.values().all(|count| (909..=910).contains(count)), "{counts:?}");
    }
}
