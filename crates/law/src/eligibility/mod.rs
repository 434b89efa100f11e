//! From a dossier to a verdict: every path to the award is tried, the best one counts.

mod choice;
mod collective;
pub(crate) mod contribution;
pub(crate) mod documents;
mod facts;
mod found;
mod general;
mod lacking;
mod merit;
mod person;
mod predicates;
pub(crate) mod prepared;
pub(crate) mod text;
mod trial;
mod window;

use time::Date;

use crate::{
    Agencies, Check, DossierFile, Law, LawError, Level, Problem, Tree, Verdict,
    eligibility::{documents::papers, facts::Facts, trial::Trial},
    route::procedure_of,
};

impl Law {
    /// Judges a dossier by the rule set that its dates select. "That day", on which agencies and proceedings are looked
    /// at, is `on`, else the day of receipt, else the letter's date.
    ///
    /// # Errors
    /// The problems of the file, as [`Law::validate`] finds them on that day, and those of its route.
    pub fn check(&self, d: &DossierFile, agencies: &Agencies, on: Option<Date>) -> Result<Check, Vec<Problem>> {
        self.check_under(d, agencies, on, None)
    }

    /// The same by a later rule set that a person has chosen as the more favourable one; `None`: the one by dates.
    ///
    /// # Errors
    /// As [`Law::check`]; and `RULE_SET_NOT_OPEN` where [`Law::may_choose`] says no.
    pub fn check_under(
        &self,
        d: &DossierFile,
        agencies: &Agencies,
        on: Option<Date>,
        rule_set: Option<&str>,
    ) -> Result<Check, Vec<Problem>> {
        let day = on.or(d.received_on).unwrap_or(d.letter.date);
        let problems = self.validate(d, agencies, Date::MAX);
        if !problems.is_empty() {
            return Err(problems);
        }
        let refused = |error: LawError| vec![general::problem_of(&error)];
        let way = self.way(d, agencies, day, rule_set).map_err(refused)?;
        let set = way.rule_set;
        let award = way.award;
        let asked = self.prepared().asked(self, &set.id, award);
        let facts = Facts::new(self, set, d, &way.chain, day);
        let trial = Trial::of(&facts, award, &asked);
        let submitted_at = agencies
            .acting_on(&d.submitting_agency, day)
            .map_or(Level::Unit, |agency| agency.level);
        let procedure = procedure_of(d);
        let papers = trial.best_papers(|relied_on| papers(&facts, &asked.papers, relied_on, procedure, submitted_at));
        let holds = general::holds(&facts);
        let blocks = general::blocks(&facts, award, &asked, agencies);
        let mut unmet = blocks.refused;
        trial.unmet(&mut unmet);
        let verdict = if !holds.is_empty() {
            Verdict::OnHold
        } else if !unmet.is_empty() {
            Verdict::NotEligible
        } else if !papers.missing.is_empty() {
            Verdict::Incomplete
        } else if trial.decided() {
            Verdict::Eligible
        } else {
            Verdict::Undecided
        };
        let mut warnings = way.warnings(self);
        general::warnings(&facts, award, &asked, &mut warnings);
        warnings.extend(blocks.warnings);
        warnings.extend(trial.warnings());
        let mut check = Check {
            rule_set: set.id.clone(),
            chosen: way.chosen_over.is_some(),
            verdict,
            deciding_agency: way.decider.to_owned(),
            levels: way.levels(),
            unmet,
            missing: papers.missing,
            lacking: Vec::new(),
            procedure,
            holds,
            warnings,
            on: day,
            tree: Tree {
                award: if award.code == "local" {
                    d.award.clone().into()
                } else {
                    asked.code.clone()
                },
                vi: asked.vi.clone(),
                en: asked.en.clone(),
                article: asked.article.clone(),
                confirmed: award.confirmed,
                paths: trial.branches.into_iter().map(|tried| tried.branch).collect(),
                documents: papers.papers,
            },
        };
        if check.verdict != Verdict::Eligible {
            check.lacking = lacking::lacking(self.prepared(), award, &asked, &check);
        }
        Ok(check)
    }
}
