//! All paths to an award, tried: which are met, which are not, which nobody claims.

use time::Date;

use crate::{
    AwardKind, AwardRule, Branch, Criterion, Leaf, Note, PathStatus, Status,
    eligibility::{
        documents::Papers,
        facts::Facts,
        found::Told,
        predicates::{Case, Ground},
        prepared::{Asked, CriterionAsked},
        window::Window,
    },
};

/// The path whose criteria always hold.
pub(crate) const ALWAYS: &str = "*";

/// A criterion and how it is asked for.
type Pair<'a> = (&'a Criterion, &'a CriterionAsked);

/// A path with its criteria, as it came out.
pub(crate) struct Tried<'a> {
    pub branch: Branch,
    criteria: Vec<&'a Criterion>,
}

/// All paths to the award.
pub(crate) struct Trial<'a> {
    pub branches: Vec<Tried<'a>>,
    recipient_fits: bool,
}

impl<'a> Trial<'a> {
    pub fn of(facts: &'a Facts<'a>, award: &'a AwardRule, asked: &'a Asked) -> Self {
        let candidate = &facts.dossier.candidate;
        let agency = facts.agency_kind();
        let mut paths: Vec<(&str, Vec<Pair<'_>>)> = Vec::with_capacity(8);
        for pair in award.criteria.iter().zip(&asked.criteria) {
            if !pair
                .0
                .applies(candidate.kind, asked.households, candidate.occupation, agency)
            {
                continue;
            }
            match paths.iter_mut().find(|(path, _)| *path == pair.0.path) {
                Some((_, criteria)) => criteria.push(pair),
                None => paths.push((&pair.0.path, vec![pair])),
            }
        }
        let paths = paths.into_iter().map(|(_, criteria)| criteria);
        Self {
            branches: paths.map(|criteria| attempt(facts, award, asked, &criteria)).collect(),
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
    pub fn unmet(&self, unmet: &mut Vec<String>) {
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
            if !unmet.iter().any(|seen| leaf.criterion == *seen) {
                unmet.push(leaf.criterion.to_string());
            }
        }
    }

    /// Whether nothing is left for a person to say.
    pub fn decided(&self) -> bool {
        let always = self.always().is_none_or(|tried| tried.branch.status == PathStatus::Met);
        let some = self.alternatives().next().is_some();
        let path = !some || self.alternatives().any(|tried| tried.branch.status == PathStatus::Met);
        !self.branches.is_empty() && always && path
    }

    /// The papers for the path that misses the fewest of them: one path is enough, so it is the one relied on.
    pub fn best_papers(&self, papers: impl Fn(&[&Criterion]) -> Papers) -> Papers {
        let always = self.always().map_or(&[][..], |tried| &tried.criteria);
        let met = self
            .alternatives()
            .filter(|tried| tried.branch.status == PathStatus::Met);
        let ways = met.map(|tried| papers(&[always, &tried.criteria].concat()));
        ways.min_by_key(|way| way.missing.len())
            .unwrap_or_else(|| papers(always))
    }

    /// What binds nobody but was not met, in the criteria that always hold and in the paths that are.
    pub fn warnings(&self) -> impl Iterator<Item = Note> {
        let seen = self
            .branches
            .iter()
            .filter(|tried| tried.branch.path == ALWAYS || tried.branch.status == PathStatus::Met);
        let leaves = seen
            .flat_map(|tried| &tried.branch.criteria)
            .filter(|leaf| leaf.status == Status::Warning);
        leaves.map(|leaf| Note::new(leaf.vi.clone(), leaf.en.clone()))
    }
}

/// Tries a path, building on each prior award that it may build on, and keeps the best.
fn attempt<'a>(facts: &'a Facts<'a>, award: &'a AwardRule, asked: &Asked, criteria: &[Pair<'a>]) -> Tried<'a> {
    let case = |ground: Ground, (criterion, asked): Pair<'a>| Case {
        facts,
        award,
        criterion,
        asked,
        ground,
    };
    let worth = |ground: &Ground| {
        let mut worth = [0; 3];
        for pair in criteria {
            match case(*ground, *pair).check(&mut Told::default()) {
                Status::NotMet => worth[0] += 1,
                Status::Question => worth[1] += 1,
                Status::Warning => worth[2] += 1,
                Status::Met => {}
            }
        }
        worth
    };
    let grounds = grounds(facts, award, asked, criteria);
    let ground = match grounds.as_slice() {
        [only] => *only,
        several => *several.iter().min_by_key(|ground| worth(ground)).expect("never empty"),
    };
    let leaves = criteria.iter().map(|pair| leaf(case(ground, *pair))).collect();
    Tried {
        branch: branch(criteria, leaves),
        criteria: criteria.iter().map(|(criterion, _)| *criterion).collect(),
    }
}

/// The windows to try: after each prior award that the path builds on, never reaching back behind the last award of
/// the same form, whose merit is already rewarded, nor behind discipline.
fn grounds(facts: &Facts<'_>, award: &AwardRule, asked: &Asked, criteria: &[Pair<'_>]) -> Vec<Ground> {
    let builds = |(c, _): &&Pair<'_>| {
        matches!(c.kind.as_str(), "prior-award" | "years-since-prior-award")
            && !c.consecutive
            && !c.meets_standard
            && c.times.unwrap_or(1) == 1
    };
    let own = std::slice::from_ref(&asked.named);
    let rewarded = matches!(award.kind, AwardKind::Commendation | AwardKind::Order)
        .then(|| facts.merit_of(own).map(|held| held.counts_from).max())
        .flatten();
    let floor = rewarded.max(facts.disciplined_until);
    // Works of the years in a row that are asked for count with them.
    let titles = award
        .criteria
        .iter()
        .filter(|c| c.kind == "prior-award" && c.consecutive);
    let ratings = criteria
        .iter()
        .map(|(c, _)| *c)
        .filter(|c| c.kind == "annual-rating" && c.consecutive);
    let in_a_row = titles.filter_map(|c| c.times).chain(ratings.filter_map(|c| c.years));
    let lookback = in_a_row.max().unwrap_or(0);
    let ground = |anchor: Option<Date>| Ground {
        anchor,
        window: Window {
            after: anchor.max(floor),
            until: facts.day.year(),
        },
        lookback,
    };
    let building = criteria.iter().filter(builds);
    let mut anchors: Vec<Date> = building
        .flat_map(|(_, asked)| facts.merit_of(&asked.awards))
        .map(|held| held.counts_from)
        .collect();
    anchors.sort_unstable();
    // Years count whole, so the earliest day of a year stands for all of that year.
    anchors.dedup_by_key(|day| day.year());
    if anchors.is_empty() {
        vec![ground(None)]
    } else {
        anchors.into_iter().map(|day| ground(Some(day))).collect()
    }
}

fn leaf(case: Case<'_>) -> Leaf {
    let mut told = Told {
        on: true,
        ..Told::default()
    };
    let status = case.check(&mut told);
    let asked = case.asked;
    Leaf {
        criterion: asked.code.clone(),
        status,
        article: told.article.or_else(|| asked.article.clone()),
        confirmed: case.criterion.confirmed,
        vi: asked.vi.clone(),
        en: asked.en.clone(),
        have: told.have,
        need: told.need,
        facts: told.facts,
        documents: asked.papers.clone(),
    }
}

fn branch(criteria: &[Pair<'_>], leaves: Vec<Leaf>) -> Branch {
    let path = criteria
        .first()
        .map_or_else(|| ALWAYS.into(), |(_, asked)| asked.path.clone());
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
        path,
        status,
        criteria: leaves,
    }
}
