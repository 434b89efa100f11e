//! Awards that an agency gives on its own: what its regulation lays down, by date, in the shape that the engine judges.
//!
//! A code that its agency has not defined stays what it was: an award whose criteria a person must judge.

mod problems;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::Date;

use crate::{
    Agencies, AwardKind, AwardRule, Ballot, Bonus, CandidateKind, CouncilRule, Criterion, DayUnit, Decider,
    Denominator, Ended, Fraction, Law, Level, Limit, LimitStep, Procedure, Recipient, Station,
};

/// The type of a criterion whose content a person answers.
pub(crate) const CONTENT: &str = "local-criteria";
/// The path whose criteria always hold.
const ALWAYS: &str = "*";

/// An award of one agency's own regulation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalAward {
    /// `<agency>/<name>`.
    pub code: String,
    /// The code of the agency whose regulation it is, and whose head decides.
    pub agency: String,
    /// The name in Vietnamese.
    pub name_vi: String,
    /// The name in English.
    pub name_en: String,
    /// What held when, oldest first; no two of them on one day.
    pub versions: Vec<LocalVersion>,
    /// What ended it, where that is another document than the last version's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<Regulation>,
}

/// A document of the agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regulation {
    /// Its number, as printed.
    pub number: String,
    /// Its date.
    pub date: Date,
    /// What it is about; may be empty.
    #[serde(default)]
    pub text: String,
}

impl Regulation {
    /// As an article is shown: the number and the date.
    pub fn article(&self) -> String {
        let (day, month, year) = (self.date.day(), u8::from(self.date.month()), self.date.year());
        format!("{} ngày {day:02}/{month:02}/{year}", self.number)
    }
}

/// What an agency asks for its award between two days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalVersion {
    /// The first day; a dossier is judged by the version of the day of its letter.
    pub from: Date,
    /// The first day on which it no longer holds; none: it still does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// Where it stands.
    pub regulation: Regulation,
    /// Whom the award is for.
    pub recipient: Recipient,
    /// What it asks.
    pub criteria: Vec<LocalCriterion>,
    /// The kinds of papers that the dossier needs; none: what every dossier needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<String>,
    /// How the agency's own council votes, if it must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub council: Option<LocalCouncil>,
    /// How long the agency may take from the complete dossier to the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_limit: Option<LocalLimit>,
    /// The money that goes with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bonus: Vec<LocalBonus>,
}

/// One criterion: a type of the catalogue with its parameters, or (`local-criteria`) a content that a person answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalCriterion {
    /// The path: `*` always holds, the others are alternatives.
    #[serde(default = "always")]
    pub path: String,
    /// Whom it is asked of; none: whomever the award is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Recipient>,
    /// The type, one of [`crate::CRITERION_TYPES`].
    #[serde(rename = "type")]
    pub kind: String,
    /// The name of a content: the entry of `declared` that answers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The content in Vietnamese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text_vi: String,
    /// The content in English.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text_en: String,
    /// Where it stands within the regulation, e.g. `Điều 4 khoản 2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// The parameters of the type, as in the catalogue.
    #[serde(flatten)]
    pub parameters: Map<String, Value>,
}

fn always() -> String {
    ALWAYS.to_owned()
}

/// How the council of the agency votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalCouncil {
    /// Yes votes needed, in percent of all members: 1 to 100.
    pub threshold_percent: u32,
    /// In the open, or by ballot paper.
    pub ballot: Ballot,
}

/// How long the agency may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalLimit {
    /// How many days.
    pub days: u32,
    /// Of which kind.
    pub unit: DayUnit,
}

/// The money for some recipients: a multiple of the base salary, or a fixed sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalBonus {
    /// For whom.
    pub recipient: Recipient,
    /// Hundredths of the base salary (lương cơ sở) on the day of the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hundredths: Option<u32>,
    /// A sum in dong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vnd: Option<i64>,
}

/// What a regulation lays down beside the criteria, as the engine reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTerms {
    /// The regulation, as an article is shown.
    pub article: String,
    /// The kinds of papers; none: what every dossier needs.
    pub papers: Vec<String>,
    /// How the agency's own council votes.
    pub council: Option<LocalCouncil>,
    /// How long the agency may take.
    pub time_limit: Option<Limit>,
    /// The money.
    pub bonus: Vec<LocalBonus>,
}

/// A local award, ready to be judged by: made once, when the directory is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resolved {
    pub award: LocalAward,
    versions: Vec<ResolvedVersion>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ResolvedVersion {
    from: Date,
    to: Option<Date>,
    in_force: AwardRule,
    over: AwardRule,
}

impl Resolved {
    /// Criteria that are none of the catalogue's were refused when the award was defined; here they are left to people.
    pub fn of(award: LocalAward) -> Self {
        let last = award.versions.len().saturating_sub(1);
        let versions = award.versions.iter().enumerate().map(|(i, version)| {
            let in_force = version.rule(&award);
            let ended_by = award.ended_by.as_ref().filter(|_| i == last);
            let ended = Ended {
                award: award.code.clone(),
                successor: None,
                article: ended_by.unwrap_or(&version.regulation).article(),
                confirmed: true,
            };
            ResolvedVersion {
                from: version.from,
                to: version.to,
                over: AwardRule {
                    ended: Some(ended),
                    ..in_force.clone()
                },
                in_force,
            }
        });
        let versions = versions.collect();
        Self { award, versions }
    }

    /// The award as it stands on that day; with [`AwardRule::ended`] from the day on which it no longer holds.
    pub fn on(&self, day: Date) -> Option<&AwardRule> {
        let version = self.versions.iter().rfind(|version| version.from <= day)?;
        let over = version.to.is_some_and(|to| to <= day);
        Some(if over { &version.over } else { &version.in_force })
    }
}

impl LocalVersion {
    /// Whether it holds on that day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }

    fn rule(&self, award: &LocalAward) -> AwardRule {
        let article = self.regulation.article();
        let criteria = self.criteria.iter();
        AwardRule {
            code: award.code.clone(),
            name_vi: award.name_vi.clone(),
            name_en: award.name_en.clone(),
            kind: AwardKind::Local,
            recipient: self.recipient,
            decider: Decider::Named,
            authority_confirmed: true,
            authority_article: Some(article.clone()),
            article: Some(article.clone()),
            frequency: String::new(),
            summary_vi: self.regulation.text.clone(),
            renamed_from: None,
            ended: None,
            confirmed: true,
            criteria: criteria.filter_map(|criterion| criterion.resolve(self).ok()).collect(),
            own: Some(OwnTerms {
                papers: self.papers.clone(),
                council: self.council,
                time_limit: self.time_limit.map(|limit| Limit {
                    days: limit.days,
                    unit: limit.unit,
                    article: Some(article.clone()),
                    confirmed: true,
                }),
                bonus: self.bonus.clone(),
                article,
            }),
        }
    }
}

impl LocalCriterion {
    /// The criterion as the engine judges it; the text says which parameter the type does not have.
    pub(crate) fn resolve(&self, version: &LocalVersion) -> Result<Criterion, String> {
        // What only the files of the law say.
        const NOT_HERE: [&str; 4] = ["of_award", "replaces", "confirmed", "text"];
        if let Some(name) = NOT_HERE.iter().find(|name| self.parameters.contains_key(**name)) {
            return Err(format!("{name} is no parameter of a local criterion"));
        }
        let mut fields = self.parameters.clone();
        fields.insert("path".to_owned(), self.path.clone().into());
        fields.insert("type".to_owned(), self.kind.clone().into());
        fields.insert("confirmed".to_owned(), true.into());
        let recipient = self.recipient.unwrap_or(version.recipient);
        fields.insert(
            "recipient".to_owned(),
            serde_json::to_value(recipient).map_err(|e| e.to_string())?,
        );
        let mut criterion: Criterion = serde_json::from_value(fields.into()).map_err(|e| e.to_string())?;
        let regulation = version.regulation.article();
        criterion.article = Some(match &self.article {
            Some(article) => format!("{article}, {regulation}"),
            None => regulation,
        });
        criterion.id.clone_from(&self.id);
        criterion.text_vi = (!self.text_vi.is_empty()).then(|| self.text_vi.clone());
        criterion.text = (!self.text_en.is_empty()).then(|| self.text_en.clone());
        Ok(criterion)
    }
}

impl OwnTerms {
    /// What the regulation says of the station where its agency decides: where it asks for a vote, the council meets.
    pub(crate) fn settle(&self, station: &mut Station, procedure: Procedure) {
        let Some(council) = self.council.filter(|_| procedure == Procedure::Ordinary) else {
            return;
        };
        station.council = Some(CouncilRule {
            agency: station.appraiser.clone(),
            threshold_percent: council.threshold_percent,
            more_than_half: false,
            denominator: Denominator::AllMembers,
            quorum: Fraction { num: 2, den: 3 },
            ballot: council.ballot,
            article: Some(self.article.clone()),
            confirmed: true,
        });
    }

    fn bonus(&self, law: &Law, candidate: CandidateKind, decided_on: Date) -> Option<Bonus> {
        let mine = self.bonus.iter().find(|bonus| {
            bonus.recipient.takes(candidate)
                || candidate == CandidateKind::Household && bonus.recipient == Recipient::Both
        })?;
        law.own_bonus(mine.hundredths, mine.vnd, &self.article, decided_on)
    }
}

impl Law {
    /// The award that a dossier means: one that its agency has defined, as it stood on the day of the letter, first.
    pub(crate) fn award_of<'a>(
        &'a self,
        code: &str,
        rule_set: &str,
        agencies: &'a Agencies,
        letter: Date,
    ) -> Option<&'a AwardRule> {
        agencies
            .local_award(code, letter)
            .or_else(|| self.award_meant(code, rule_set))
    }

    /// The bonus as [`Law::bonus`] gives it; for a local award that its agency has defined, what its regulation gives
    /// on that day.
    pub fn bonus_with(
        &self,
        agencies: &Agencies,
        award: &str,
        candidate: CandidateKind,
        rule_set: &str,
        decided_on: Date,
    ) -> Option<Bonus> {
        match agencies.local_award(award, decided_on) {
            Some(rule) => rule.own.as_ref().and_then(|own| own.bonus(self, candidate, decided_on)),
            None => self.bonus(award, candidate, rule_set, decided_on),
        }
    }

    /// The limit as [`Law::time_limit`] gives it; the appraisal of a local award at the level of its agency takes as
    /// long as the regulation of that day says, where it says so.
    pub fn time_limit_with(
        &self,
        agencies: &Agencies,
        rule_set: &str,
        award: &str,
        level: Level,
        step: LimitStep,
        on: Date,
    ) -> Option<Limit> {
        let owner = award
            .split_once('/')
            .and_then(|(owner, _)| agencies.acting_on(owner, on));
        let own = agencies
            .local_award(award, on)
            .and_then(|rule| rule.own.as_ref())
            .filter(|_| step == LimitStep::Appraisal && owner.is_some_and(|owner| owner.level == level))
            .and_then(|own| own.time_limit.clone());
        own.or_else(|| self.time_limit(rule_set, award, level, step))
    }
}
