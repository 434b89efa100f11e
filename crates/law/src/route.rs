//! The way of a dossier: which agency appraises, signs and decides at each level, with which council and publication.

mod lower;
mod way;

pub use self::lower::Lower;
use serde::{Deserialize, Serialize};
use time::Date;

use crate::{
    Agencies, Agency, AwardRule, Ballot, Basis, CouncilRule, Decider, Denominator, DossierFile, Fraction, Law,
    LawError, Level, Procedure, PublicationRule,
    catalogue::AwardKind,
    law::Entry,
    route::way::{decided_by_state, office_of},
};

/// Appraises for the Prime Minister and the President.
const CENTRAL_APPRAISER: &str = "ban-td-kt-trung-uong";
const CENTRAL_COUNCIL: &str = "hoi-dong-td-kt-trung-uong";
const PRIME_MINISTER: &str = "thu-tuong-chinh-phu";
const PRESIDENT: &str = "chu-tich-nuoc";
const GOVERNMENT: &str = "chinh-phu";
/// The bodies of the State that routes name, whoever is proposed.
pub(crate) const STATE_BODIES: [&str; 5] = [
    CENTRAL_APPRAISER,
    CENTRAL_COUNCIL,
    PRIME_MINISTER,
    PRESIDENT,
    GOVERNMENT,
];

/// The way of a dossier, lowest station first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The id of the rule set that it follows.
    pub rule_set: String,
    /// Which procedure the law allows.
    pub procedure: Procedure,
    /// The stations, one a level.
    pub stations: Vec<Station>,
    /// The code of the agency that decides.
    pub deciding_agency: String,
    /// The head of the line that is climbed, where the candidate's agency stands under two, e.g. a ministry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

/// One level that the dossier passes. Agencies are codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Station {
    /// The level.
    pub level: Level,
    /// Who receives and appraises.
    pub appraiser: String,
    /// Whose leader signs the letter that sends it on; none at the last station, except for the President's awards,
    /// where the Prime Minister signs.
    pub signer: Option<String>,
    /// Whose leader decides; only at the last station.
    pub decider: Option<String>,
    /// The council that must have passed it first.
    pub council: Option<CouncilRule>,
    /// The publication that must have ended before the council meets.
    pub publication: Option<PublicationRule>,
}

/// `councils.toml`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CouncilsFile {
    #[serde(default)]
    vote: Vec<Vote>,
    #[serde(default)]
    state_council: Vec<StateCouncil>,
    #[serde(default)]
    publication: Vec<Publication>,
}

#[derive(Debug, Clone, Deserialize)]
struct Vote {
    rule_set: String,
    awards: Vec<String>,
    percent: u32,
    ballot: bool,
    article: Option<String>,
    confirmed: bool,
}

#[derive(Debug, Clone, Deserialize)]
struct StateCouncil {
    rule_set: String,
    awards: Vec<String>,
    quorum: [u32; 2],
}

#[derive(Debug, Clone, Deserialize)]
struct Publication {
    rule_set: String,
    awards: Vec<String>,
    days: u32,
    article: Option<String>,
    confirmed: bool,
}

macro_rules! entry {
    ($($table:ty),*) => {$(
        impl Entry for $table {
            fn rule_set(&self) -> &str {
                &self.rule_set
            }

            fn awards(&self) -> &[String] {
                &self.awards
            }
        }
    )*};
}
entry!(Vote, StateCouncil, Publication);

impl Law {
    /// The way of this dossier as the directory stands on that day; a successor acts for an agency that is gone.
    ///
    /// # Errors
    /// [`LawError::NoRuleSet`], [`LawError::UnknownAward`], [`LawError::UnknownAgency`], [`LawError::AgencyGone`], and
    /// [`LawError::NoAuthority`] where nobody above the candidate may decide the award.
    pub fn route(&self, d: &DossierFile, agencies: &Agencies, on: Date) -> Result<Route, LawError> {
        self.route_under(d, agencies, on, None)
    }

    /// The same by a later rule set that a person has chosen as the more favourable one; `None`: the one by dates.
    ///
    /// # Errors
    /// As [`Law::route`]; and [`LawError::NotOpen`] where [`Law::may_choose`] says no.
    pub fn route_under(
        &self,
        d: &DossierFile,
        agencies: &Agencies,
        on: Date,
        rule_set: Option<&str>,
    ) -> Result<Route, LawError> {
        let way = self.way(d, agencies, on, rule_set)?;
        let (award, rule_set) = (way.award, way.rule_set.id.as_str());
        let procedure = procedure_of(d);
        let stations = way.steps.iter();
        let mut stations: Vec<Station> = stations
            .map(|agency| self.station(agency, award, rule_set, procedure))
            .collect();
        if decided_by_state(award) {
            stations.push(self.state_station(award, rule_set, procedure, agencies, on));
        } else if let Some(last) = stations.last_mut() {
            last.decider = last.signer.take();
            if let Some(own) = &award.own {
                own.settle(last, procedure);
            }
        }
        Ok(Route {
            rule_set: rule_set.to_owned(),
            procedure,
            stations,
            deciding_agency: way.decider.to_owned(),
            line: way.lines.map(|[climbed, _]| climbed.code.clone()),
        })
    }

    fn station(&self, agency: &Agency, award: &AwardRule, rule_set: &str, procedure: Procedure) -> Station {
        let titles = matches!(award.kind, AwardKind::EmulationTitle | AwardKind::StateHonour);
        let meets = match agency.level {
            Level::Department | Level::MinistryOrProvince => true,
            Level::Unit | Level::District => titles,
            Level::State => false,
        };
        let ordinary = procedure == Procedure::Ordinary;
        let council = (ordinary && meets).then(|| self.council_rule(&agency.code, award, rule_set));
        let publication = (ordinary && agency.level == Level::MinistryOrProvince)
            .then(|| self.publication_rule(award, rule_set))
            .flatten();
        Station {
            level: agency.level,
            appraiser: agency.code.clone(),
            signer: Some(agency.code.clone()),
            decider: None,
            council,
            publication,
        }
    }

    fn state_station(
        &self,
        award: &AwardRule,
        rule_set: &str,
        procedure: Procedure,
        agencies: &Agencies,
        on: Date,
    ) -> Station {
        let acting = |code: &str| {
            agencies
                .acting_on(code, on)
                .map_or(code, |agency| &agency.code)
                .to_owned()
        };
        let signer = (award.decider == Decider::President).then(|| acting(PRIME_MINISTER));
        let named = self.entry(&self.councils().state_council, rule_set, &award.code);
        let council = named
            .filter(|_| procedure == Procedure::Ordinary)
            .map(|(state, _)| CouncilRule {
                quorum: Fraction {
                    num: state.quorum[0],
                    den: state.quorum[1].max(1),
                },
                ..self.council_rule(&acting(CENTRAL_COUNCIL), award, rule_set)
            });
        Station {
            level: Level::State,
            appraiser: acting(CENTRAL_APPRAISER),
            signer,
            decider: Some(acting(office_of(award.decider))),
            council,
            publication: None,
        }
    }

    /// What the law asks of the council of an agency for an award; where it says nothing, two thirds of all members
    /// take part and more than half of all members say yes.
    pub(crate) fn council_rule(&self, agency: &str, award: &AwardRule, rule_set: &str) -> CouncilRule {
        // The thresholds of 2022 were not those of 2003: nothing is borrowed here.
        let vote = self
            .entry(&self.councils().vote, rule_set, &award.code)
            .filter(|(vote, borrowed)| !borrowed && vote.percent > 0)
            .map(|(vote, _)| vote);
        CouncilRule {
            agency: agency.to_owned(),
            threshold_percent: vote.map_or(0, |vote| vote.percent),
            more_than_half: vote.is_none(),
            denominator: Denominator::AllMembers,
            quorum: Fraction { num: 2, den: 3 },
            ballot: if vote.is_some_and(|vote| vote.ballot) {
                Ballot::Secret
            } else {
                Ballot::Open
            },
            article: vote.and_then(|vote| vote.article.clone()),
            confirmed: vote.is_some_and(|vote| vote.confirmed),
        }
    }

    pub(crate) fn publication_rule(&self, award: &AwardRule, rule_set: &str) -> Option<PublicationRule> {
        let (rule, borrowed) = self.entry(&self.councils().publication, rule_set, &award.code)?;
        Some(PublicationRule {
            days: rule.days,
            article: rule.article.clone().filter(|_| !borrowed),
            confirmed: rule.confirmed && !borrowed,
        })
    }

    /// Whether the law gives this agency the power to decide this award, on that day. The route of a dossier says
    /// which of those that may is the one that does.
    pub fn may_decide(&self, award: &str, agency: &Agency, rule_set: &str, agencies: &Agencies, on: Date) -> bool {
        let Some(rule) = self.award_meant(award, rule_set) else {
            return false;
        };
        if !agency.exists_on(on) || rule.ended.is_some() {
            return false;
        }
        let districts = self
            .rule_set(rule_set)
            .is_some_and(|set| set.local_levels.iter().any(|l| l == "huyen"));
        let acting = |code: &str| agencies.acting_on(code, on).map_or(code, |found| &found.code) == agency.code;
        match rule.decider {
            Decider::President => acting(PRESIDENT),
            Decider::PrimeMinister => acting(PRIME_MINISTER),
            Decider::Government => acting(GOVERNMENT),
            Decider::MinistryOrProvince => agency.level == Level::MinistryOrProvince,
            Decider::District => agency.level == Level::District || !districts && agency.is_commune(),
            Decider::Commune => agency.is_commune(),
            Decider::Unit => agency.level < Level::State,
            Decider::LegalUnit => agency.level < Level::State && !(districts && agency.is_commune()),
            Decider::Corps => matches!(agency.level, Level::Unit | Level::Department),
            Decider::Named => award.split_once('/').is_some_and(|(code, _)| acting(code)),
        }
    }
}

/// Which procedure the law allows: extraordinary merit, contribution, seniority, foreign recipients and state
/// secrets go the simplified way.
pub(crate) fn procedure_of(d: &DossierFile) -> Procedure {
    let simplified = matches!(
        d.basis,
        Basis::Extraordinary | Basis::Contribution | Basis::Seniority | Basis::Foreign
    );
    if simplified || d.confidential {
        Procedure::Simplified
    } else {
        Procedure::Ordinary
    }
}
