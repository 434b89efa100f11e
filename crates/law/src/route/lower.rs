//! A lower award after a failed vote: which awards are lower ones of the same kind, and the way that is left for one.

use time::Date;

use super::{Route, Station, way::decided_by_state};
use crate::{Agencies, Agency, AwardRule, Decider, Law, Level};

/// An award that is lower than another of the same kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lower<'a> {
    /// What it is.
    pub award: &'a AwardRule,
    /// Whether the order of the two was read in a source.
    pub confirmed: bool,
}

impl Law {
    /// The awards of the same kind that stand below this one, the next lower first. The nearest rule set that orders
    /// awards orders all of them.
    pub fn lower_awards(&self, award: &str, rule_set: &str) -> Vec<Lower<'_>> {
        let mut sets = self.line(rule_set).iter().map(|(set, _)| &self.layer(set).ladder);
        let Some(ladders) = sets.find(|ladders| !ladders.is_empty()) else {
            return Vec::new();
        };
        let below = ladders.iter().filter_map(|ladder| {
            let at = ladder.awards.iter().position(|one| one == award)?;
            Some(ladder.awards[at + 1..].iter().map(|code| (code, ladder.confirmed)))
        });
        let given = |(code, confirmed): (&String, bool)| {
            let award = self.award_in(code, rule_set).filter(|award| award.ended.is_none())?;
            Some(Lower { award, confirmed })
        };
        below.flatten().filter_map(given).collect()
    }

    /// The way of a dossier from station `at` on, for a lower award: councils and publication by that award's own rules,
    /// as far as whoever decides it. What lies behind stays as it was. `None` where the dossier has passed the one who
    /// would decide, or never came by there: it has to go back instead.
    pub fn lowered(
        &self,
        (route, candidate_agency): (&Route, &str),
        at: usize,
        lower: &AwardRule,
        agencies: &Agencies,
        on: Date,
    ) -> Option<Route> {
        let (rule_set, procedure) = (route.rule_set.as_str(), route.procedure);
        let mut lowered = route.clone();
        if !decided_by_state(lower) {
            let own = agencies.acting_on(candidate_agency, on);
            let decides = decides(route, lower.decider, own, agencies)?;
            if decides < at {
                return None;
            }
            lowered.stations.truncate(decides + 1);
        }
        let mut by_state = false;
        for station in lowered.stations.iter_mut().skip(at) {
            *station = if station.level == Level::State {
                by_state = true;
                self.state_station(lower, rule_set, procedure, agencies, on)
            } else {
                let agency = agencies.get(&station.appraiser)?;
                self.station(agency, lower, rule_set, procedure)
            };
        }
        let last = lowered.stations.last_mut()?;
        if !by_state {
            last.decider = last.signer.take();
        }
        lowered.deciding_agency = last.decider.clone()?;
        Some(lowered)
    }
}

/// The station that decides an award which is not the State's.
fn decides(route: &Route, decider: Decider, own: Option<&Agency>, agencies: &Agencies) -> Option<usize> {
    let at = |level: Level| route.stations.iter().position(|station| station.level == level);
    let highest_unit = || route.stations.iter().rposition(|station| station.level == Level::Unit);
    let first = route.stations.first().map(|station| station.appraiser.as_str());
    let first_is_own = own.is_some_and(|own| first == Some(&own.code));
    match decider {
        Decider::MinistryOrProvince => at(Level::MinistryOrProvince),
        Decider::District => at(Level::District).or_else(highest_unit),
        Decider::Commune => {
            let is_commune = |code: &str| agencies.get(code).is_some_and(Agency::is_commune);
            route
                .stations
                .iter()
                .rposition(|station| is_commune(&station.appraiser))
        }
        Decider::Unit => first_is_own.then_some(0),
        Decider::LegalUnit => {
            let legal = |station: &Station| matches!(station.level, Level::Department | Level::District);
            route
                .stations
                .iter()
                .position(legal)
                .or_else(highest_unit)
                .or(first_is_own.then_some(0))
        }
        Decider::Corps => at(Level::Department).or(first_is_own.then_some(0)),
        Decider::President | Decider::PrimeMinister | Decider::Government | Decider::Named => None,
    }
}
