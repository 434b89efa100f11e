//! From a dossier to a verdict: every path to the award is tried, the best one counts.

pub(crate) mod contribution;
pub(crate) mod documents;
mod facts;
mod general;
mod predicates;
mod text;
mod window;

use std::collections::BTreeMap;

use time::Date;

use crate::{
    Agencies, AwardKind, AwardRule, Branch, Check, Criterion, DossierFile, Law, Leaf, Level, Note, PathStatus, Problem,
    Status, Tree, Verdict,
    eligibility::{
        documents::{Papers, papers},
        facts::{Facts, counts_from},
        predicates::{Ground, check},
        window::Window,
    },
    route::procedure_of,
};

/// The path whose criteria always hold.
const ALWAYS: &str = "*";

impl Law {
    /// Judges a dossier by the rule set that its dates select. "That day", on which agencies and proceedings are looked
    /// at, is `on`, else the day of receipt, else the letter's date.
    ///
    /// # Errors
    /// The problems of the file, as [`Law::validate`] finds them on that day, and those of its route.
    pub fn check(&self, d: &DossierFile, agencies: &Agencies, on: Option<Date>) -> Result<Check, Vec<Problem>> {
        let day = on.or(d.received_on).unwrap_or(d.letter.date);
        let problems = self.validate(d, agencies, Date::MAX);
        if !problems.is_empty() {
            return Err(problems);
        }
        let route = self
            .route(d, agencies, day)
            .map_err(|error| vec![general::problem_of(&error)])?;
        let set = self.rule_set(&route.rule_set);
        let (Some(set), Some(award)) = (set, self.award_meant(&d.award, &route.rule_set)) else {
            return Err(vec![general::problem_of(&crate::LawError::UnknownAward(
                d.award.clone(),
            ))]);
        };
        let facts = Facts::new(self, set, d, agencies, day);
        let trial = Trial::of(&facts, award);
        let submitted_at = agencies
            .acting_on(&d.submitting_agency, day)
            .map_or(Level::Unit, |agency| agency.level);
        let procedure = procedure_of(d);
        let papers = trial.best_papers(|relied_on| papers(&facts, award, relied_on, procedure, submitted_at));
        let holds = general::holds(&facts);
        let blocks = general::blocks(&facts, award, agencies);
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
        let mut warnings = general::warnings(&facts, award, &route.rule_set, day);
        warnings.extend(blocks.warnings);
        warnings.extend(trial.warnings());
        Ok(Check {
            rule_set: route.rule_set,
            verdict,
            deciding_agency: route.deciding_agency,
            levels: route.stations.iter().map(|station| station.level).collect(),
            unmet,
            missing: papers.missing,
            procedure: route.procedure,
            holds,
            warnings,
            on: day,
            tree: Tree {
                award: if award.code == "local" {
                    d.award.clone()
                } else {
                    award.code.clone()
                },
                vi: award.name_vi.clone(),
                en: award.name_en.clone(),
                article: award.article.clone(),
                confirmed: award.confirmed,
                paths: trial.branches.into_iter().map(|tried| tried.branch).collect(),
                documents: papers.papers,
            },
        })
    }
}

/// A path with its criteria, as it came out.
struct Tried<'a> {
    branch: Branch,
    criteria: Vec<&'a Criterion>,
}

/// All paths to the award.
struct Trial<'a> {
    branches: Vec<Tried<'a>>,
    recipient_fits: bool,
}

impl<'a> Trial<'a> {
    fn of(facts: &Facts<'_>, award: &'a AwardRule) -> Self {
        let candidate = &facts.dossier.candidate;
        let households = award
            .criteria
            .iter()
            .any(|c| c.recipient.takes(crate::CandidateKind::Household));
        let applies = |c: &&Criterion| c.applies(candidate.kind, households, candidate.occupation, &facts.agency_kind);
        let mut paths: Vec<(&str, Vec<&Criterion>)> = Vec::new();
        for criterion in award.criteria.iter().filter(applies) {
            match paths.iter_mut().find(|(path, _)| *path == criterion.path) {
                Some((_, criteria)) => criteria.push(criterion),
                None => paths.push((&criterion.path, vec![criterion])),
            }
        }
        let branches = paths
            .into_iter()
            .map(|(path, criteria)| attempt(facts, award, path, criteria))
            .collect();
        Self {
            branches,
            recipient_fits: award.takes(candidate.kind),
        }
    }

    fn always(&self) -> Option<&Tried<'a>> {
        self.branches.iter().find(|tried| tried.branch.path == ALWAYS)
    }

    fn alternatives(&self) -> impl Iterator<Item = &Tried<'a>> {
        self.branches.iter().filter(|tried| tried.branch.path != ALWAYS)
    }

    /// Types of the criteria that refuse: those that always hold, and where no path is met, those of all that were
    /// tried.
    fn unmet(&self, unmet: &mut Vec<String>) {
        let any_met = self.alternatives().any(|tried| tried.branch.status == PathStatus::Met);
        let refusing = self.always().into_iter().chain(
            self.alternatives()
                .filter(|tried| !any_met && tried.branch.status == PathStatus::NotMet),
        );
        if !self.recipient_fits {
            unmet.push("recipient-kind".to_owned());
        }
        for leaf in refusing
            .flat_map(|tried| &tried.branch.criteria)
            .filter(|leaf| leaf.status == Status::NotMet)
        {
            if !unmet.contains(&leaf.criterion) {
                unmet.push(leaf.criterion.clone());
            }
        }
    }

    /// Whether nothing is left for a person to say.
    fn decided(&self) -> bool {
        let always = self.always().is_none_or(|tried| tried.branch.status == PathStatus::Met);
        let some = self.alternatives().next().is_some();
        let path = !some || self.alternatives().any(|tried| tried.branch.status == PathStatus::Met);
        !self.branches.is_empty() && always && path
    }

    /// The papers for the path that misses the fewest of them: one path is enough, so it is the one relied on.
    fn best_papers(&self, papers: impl Fn(&[&Criterion]) -> Papers) -> Papers {
        let always: Vec<&Criterion> = self.always().map(|tried| tried.criteria.clone()).unwrap_or_default();
        let met = self
            .alternatives()
            .filter(|tried| tried.branch.status == PathStatus::Met);
        let ways = met.map(|tried| papers(&[&always[..], &tried.criteria[..]].concat()));
        ways.min_by_key(|way| way.missing.len())
            .unwrap_or_else(|| papers(&always))
    }

    /// What binds nobody but was not met, in the criteria that always hold and in the paths that are.
    fn warnings(&self) -> Vec<Note> {
        let seen = self
            .branches
            .iter()
            .filter(|tried| tried.branch.path == ALWAYS || tried.branch.status == PathStatus::Met);
        let leaves = seen
            .flat_map(|tried| &tried.branch.criteria)
            .filter(|leaf| leaf.status == Status::Warning);
        leaves.map(|leaf| Note::new(leaf.vi.clone(), leaf.en.clone())).collect()
    }
}

/// Tries a path, building on each prior award that it may build on, and keeps the best.
fn attempt<'a>(facts: &Facts<'_>, award: &AwardRule, path: &str, criteria: Vec<&'a Criterion>) -> Tried<'a> {
    let tries = grounds(facts, award, &criteria)
        .into_iter()
        .map(|ground| branch(facts, award, path, &criteria, ground));
    let worth = |branch: &Branch| {
        let count = |status: Status| branch.criteria.iter().filter(|leaf| leaf.status == status).count();
        (count(Status::NotMet), count(Status::Question), count(Status::Warning))
    };
    let best = tries.min_by_key(worth).unwrap_or_else(|| Branch {
        path: path.to_owned(),
        status: PathStatus::NotTried,
        criteria: Vec::new(),
    });
    Tried { branch: best, criteria }
}

/// The windows to try: after each prior award that the path builds on, never reaching back behind the last award of
/// the same form, whose merit is already rewarded, nor behind discipline.
fn grounds(facts: &Facts<'_>, award: &AwardRule, criteria: &[&Criterion]) -> Vec<Ground> {
    let builds = |c: &&&Criterion| {
        matches!(c.kind.as_str(), "prior-award" | "years-since-prior-award")
            && !c.consecutive
            && !c.meets_standard
            && c.times.unwrap_or(1) == 1
    };
    let prior: Vec<&str> = criteria.iter().filter(builds).flat_map(|c| c.awards()).collect();
    let rewarded = matches!(award.kind, AwardKind::Commendation | AwardKind::Order)
        .then(|| facts.held_of(&[award.code.as_str()]).map(counts_from).max())
        .flatten();
    let floor = rewarded.max(facts.disciplined_until);
    let until = facts.day.year();
    let in_a_row = award
        .criteria
        .iter()
        .filter(|c| c.kind == "prior-award" && c.consecutive);
    let lookback = in_a_row.filter_map(|c| c.times).max().unwrap_or(0);
    let ground = |anchor: Option<Date>| Ground {
        anchor,
        window: Window {
            after: anchor.max(floor),
            until,
        },
        lookback,
    };
    // Years count whole, so the earliest day of a year stands for all of that year.
    let mut anchors: BTreeMap<i32, Date> = BTreeMap::new();
    for day in facts.held_of(&prior).map(counts_from) {
        let earliest = anchors.entry(day.year()).or_insert(day);
        *earliest = day.min(*earliest);
    }
    if anchors.is_empty() {
        vec![ground(None)]
    } else {
        anchors.into_values().map(|day| ground(Some(day))).collect()
    }
}

fn branch(facts: &Facts<'_>, award: &AwardRule, path: &str, criteria: &[&Criterion], ground: Ground) -> Branch {
    let leaves: Vec<Leaf> = criteria
        .iter()
        .map(|criterion| {
            let outcome = check(facts, &award.code, criterion, ground);
            let text = text::describe(facts.law, criterion);
            Leaf {
                criterion: criterion.kind.clone(),
                status: outcome.status,
                article: outcome.article.or_else(|| criterion.article.clone()),
                confirmed: criterion.confirmed,
                vi: text.vi,
                en: text.en,
            }
        })
        .collect();
    let has = |status: Status| leaves.iter().any(|leaf| leaf.status == status);
    // Unconfirmed criteria refuse nobody; but where nothing at all speaks for a path, nobody claims it either.
    let claimed = path == ALWAYS || has(Status::Met) || leaves.iter().any(|leaf| leaf.confirmed);
    let status = if path == ALWAYS && has(Status::NotMet) {
        PathStatus::NotMet
    } else if has(Status::Question) || !claimed {
        PathStatus::NotTried
    } else if has(Status::NotMet) {
        PathStatus::NotMet
    } else {
        PathStatus::Met
    };
    Branch {
        path: path.to_owned(),
        status,
        criteria: leaves,
    }
}
