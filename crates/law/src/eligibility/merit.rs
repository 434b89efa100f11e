//! Criteria on what was done: awards, ratings and works, by year.

use time::Date;

use crate::{
    InitiativeKind, Rating, Scope, Status,
    eligibility::{
        facts::Rated,
        found::{self, Told, Why},
        predicates::{Case, met},
        window::{Run, full_years, runs},
    },
};

pub(crate) fn prior_award(case: Case<'_>, told: &mut Told) -> Status {
    let (facts, criterion) = (case.facts, case.criterion);
    let times = criterion.times.unwrap_or(1);
    let window = case.ground.window;
    if criterion.meets_standard {
        // Only the standard must be met: the award itself shows it, otherwise a person says so.
        let fits = |year: i32| !criterion.same_year || year == facts.year;
        case.say_awards(told, |year| (!fits(year)).then_some(Why::OtherYear));
        let mut held = facts.merit_of(&case.asked.awards);
        return if held.any(|held| fits(held.award.year)) {
            Status::Met
        } else {
            case.asked_as("declared", told)
        };
    }
    if criterion.consecutive {
        return met(in_a_row(case, told, times));
    }
    if times > 1 {
        case.say_awards(told, |year| facts.outside(window, year));
        let years = facts.years_held(&case.asked.awards, window).len();
        return met(told.enough(u32::try_from(years).unwrap_or(u32::MAX), times));
    }
    case.say_awards(told, |_| None);
    met(facts.merit_of(&case.asked.awards).next().is_some())
}

pub(crate) fn title_count(case: Case<'_>, told: &mut Told) -> bool {
    let need = case.criterion.min.unwrap_or(1);
    if case.criterion.consecutive {
        return in_a_row(case, told, need);
    }
    let window = case.ground.window;
    case.say_awards(told, |year| case.facts.outside(window, year));
    let years = case.facts.years_held(&case.asked.awards, window).len();
    told.enough(u32::try_from(years).unwrap_or(u32::MAX), need)
}

pub(crate) fn same_year_title(case: Case<'_>, told: &mut Told) -> bool {
    let this = case.facts.year;
    case.say_awards(told, |year| (year != this).then_some(Why::OtherYear));
    case.facts
        .merit_of(&case.asked.awards)
        .any(|held| held.award.year == this)
}

/// The named awards in adjacent years, up to the year that the award is for or the one before.
fn in_a_row(case: Case<'_>, told: &mut Told, need: u32) -> bool {
    let years = case.facts.years_held(&case.asked.awards, case.ground.window);
    let run = reaching(&years, case.facts.year);
    case.say_awards(told, |year| {
        let outside = case.facts.outside(case.ground.window, year);
        outside.or_else(|| run.is_none_or(|run| !run.holds(year)).then_some(Why::Broken))
    });
    enough_in_a_row(told, run, &years, case.facts.year, need)
}

/// The longest of the runs that reach the year before this one, or a later one: a gap starts anew.
fn reaching(years: &[i32], this: i32) -> Option<Run> {
    let reach = this.saturating_sub(1);
    runs(years)
        .filter(|run| run.last >= reach)
        .max_by_key(|run| run.years())
}

fn enough_in_a_row(told: &mut Told, run: Option<Run>, years: &[i32], this: i32, need: u32) -> bool {
    let enough = told.enough(run.map_or(0, Run::years), need);
    // The year that would have carried the run on, where there is something to carry on.
    let before = run.map_or(this, |run| run.first);
    if !enough && years.iter().any(|year| *year < before) {
        told.fact(Some(Why::Broken), || found::gap(run.map_or(this, |run| run.first - 1)));
    }
    enough
}

pub(crate) fn annual_rating(case: Case<'_>, told: &mut Told) -> bool {
    let (facts, criterion) = (case.facts, case.criterion);
    let least = criterion.least();
    let need = criterion.years.unwrap_or(1);
    let windowed = criterion.within.is_some() || criterion.consecutive;
    if need == 1 && !windowed {
        let rated = facts.rating(facts.year);
        let enough = rated.is_some_and(|rated| rated.rating >= least);
        told.say(rated.map(|rated| rated.fact((!enough).then_some(Why::Low))));
        return enough;
    }
    let late = facts.day.year();
    let outside = |year: i32| match case.facts.outside(case.ground.window, year) {
        Some(why) if windowed => Some(why),
        _ => (year > late).then_some(Why::Later),
    };
    let why = |year, rating: Rating| outside(year).or_else(|| (rating < least).then_some(Why::Low));
    let good: Vec<i32> = facts
        .ratings
        .iter()
        .filter(|rated| why(rated.year, rated.rating).is_none())
        .map(|rated| rated.year)
        .collect();
    if told.on {
        told.say(
            facts
                .ratings
                .iter()
                .map(|rated| rated.fact(why(rated.year, rated.rating))),
        );
    }
    if criterion.consecutive {
        enough_in_a_row(told, reaching(&good, facts.year), &good, facts.year, need)
    } else {
        told.enough(u32::try_from(good.len()).unwrap_or(u32::MAX), need)
    }
}

/// Years in a row with the rating, up to the last year that is rated at all; a worse year or a gap starts anew. A year
/// with one of the titles is a good one too.
pub(crate) fn years_rated(case: Case<'_>, told: &mut Told) -> bool {
    let (facts, criterion) = (case.facts, case.criterion);
    let window = case.ground.window;
    let least = criterion.least();
    let mut good = facts.years_held(&case.asked.titles, window);
    let rated = || facts.ratings.iter().filter(|rated| window.holds(rated.year));
    good.extend(rated().filter(|rated| rated.rating >= least).map(|rated| rated.year));
    good.sort_unstable();
    good.dedup();
    let last = rated().next_back().map(|rated| rated.year);
    let run = match last {
        Some(last) => runs(&good).find(|run| run.holds(last)),
        None => runs(&good).max_by_key(|run| run.years()),
    };
    if told.on {
        let broken = |year: i32| run.is_none_or(|run| !run.holds(year)).then_some(Why::Broken);
        told.say(facts.ratings.iter().map(|rated| {
            let low = (!good.contains(&rated.year)).then_some(Why::Low);
            rated.fact(facts.outside(window, rated.year).or(low).or_else(|| broken(rated.year)))
        }));
        told.say(facts.all_of(&case.asked.titles).map(|held| {
            let year = held.award.year;
            let why = held
                .not_merit
                .or_else(|| facts.outside(window, year))
                .or_else(|| broken(year));
            held.fact(facts.prepared, why)
        }));
    }
    let this = last.unwrap_or(facts.year);
    let long = enough_in_a_row(told, run, &good, this, criterion.min.unwrap_or(1));
    let between = !facts.set.rating_between_awards
        || !criterion.after_prior
        || rated().all(|rated| rated.rating >= Rating::HoanThanhTot || good.contains(&rated.year));
    long && between
}

pub(crate) fn years_since(case: Case<'_>, told: &mut Told) -> bool {
    let need = case.criterion.min.unwrap_or(0);
    let years = |from: Date| full_years(from, case.facts.day);
    let held = case.facts.merit_of(&case.asked.awards);
    if told.on {
        told.say(case.facts.all_of(&case.asked.awards).map(|held| {
            let recent = (years(held.counts_from) < need).then_some(Why::Recent);
            held.fact(case.facts.prepared, held.not_merit.or(recent))
        }));
    }
    let have = match case.ground.anchor {
        Some(anchor) => Some(years(anchor)),
        None => held.map(|held| years(held.counts_from)).max(),
    };
    told.enough(have.unwrap_or(0), need) && have.is_some()
}

/// Considered in the year right after the last ministry or province title.
pub(crate) fn timing(case: Case<'_>, told: &mut Told) -> bool {
    let title = [case.facts.prepared.named("chien-si-thi-dua-bo-ban-nganh-tinh")];
    let right_after = |year: i32| year.checked_add(1) == Some(case.facts.dossier.letter.date.year());
    if told.on {
        told.say(case.facts.all_of(&title).map(|held| {
            let other = (!right_after(held.award.year)).then_some(Why::OtherYear);
            held.fact(case.facts.prepared, held.not_merit.or(other))
        }));
    }
    case.facts.merit_of(&title).any(|held| right_after(held.award.year))
}

pub(crate) fn once_only(case: Case<'_>, told: &mut Told) -> bool {
    let own = [case.facts.prepared.named(&case.award.code)];
    let contribution = !case.asked.none_of.is_empty();
    let barring = if contribution { &case.asked.none_of[..] } else { &own };
    let bars = |held: &&crate::eligibility::facts::Held<'_>| {
        held.award.revoked_on.is_none() && (!contribution || held.award.basis == crate::Basis::Contribution)
    };
    let mut barred = case.facts.all_of(barring).filter(bars);
    if told.on {
        told.say(
            barred
                .clone()
                .map(|held| held.fact(case.facts.prepared, Some(Why::Held))),
        );
    }
    barred.next().is_none()
}

/// The years in a row with the rating that the same path asks for.
fn rated_with(case: Case<'_>) -> Option<Run> {
    let (facts, criterion) = (case.facts, case.criterion);
    let mut ratings = case
        .award
        .criteria
        .iter()
        .filter(|other| other.kind == "annual-rating" && other.consecutive && other.path == criterion.path);
    let least = ratings.next()?.least();
    let holds = |rated: &&Rated| rated.rating >= least && case.ground.window.holds(rated.year);
    let good: Vec<i32> = facts.ratings.iter().filter(holds).map(|rated| rated.year).collect();
    reaching(&good, facts.year)
}

/// How many recognised works of the kind and scope count.
pub(crate) fn works(case: Case<'_>, told: &mut Told) -> u32 {
    let (facts, criterion, ground) = (case.facts, case.criterion, case.ground);
    let least = match criterion.scope.as_deref() {
        Some("national") => Scope::National,
        // A field of the ministry or province is below the whole of it, but no scope of a record says so.
        Some("ministry-province" | "one field of the ministry or province" | "one field, sector or trade") => {
            Scope::MinistryProvince
        }
        Some("district") => Scope::District,
        // The commune took the place of the district, and counts as the grassroots.
        _ => Scope::Grassroots,
    };
    let kind = |kind: InitiativeKind| match criterion.kind.as_str() {
        "initiative" => kind == InitiativeKind::Initiative,
        "research" => kind == InitiativeKind::Research,
        "combat-creativity" => kind == InitiativeKind::CombatCreativity,
        "invention-or-work" => kind == InitiativeKind::Invention,
        _ => matches!(kind, InitiativeKind::Initiative | InitiativeKind::Research),
    };
    let looks_back = facts.year.saturating_sub(i32::try_from(ground.lookback).unwrap_or(0));
    let achieved = facts.dossier.achievement.from.year().min(looks_back);
    let same = criterion.within.as_deref() == Some("same-window");
    let first = same
        .then(|| rated_with(case))
        .flatten()
        .map_or(achieved, |run| run.first);
    let period = first..=facts.day.year();
    let accumulated = criterion.within.as_deref() == Some("accumulate-window");
    let why = |work: &crate::Initiative| {
        let outside = if accumulated {
            facts.outside(ground.window, work.year)
        } else {
            (!period.contains(&work.year)).then_some(Why::OtherYear)
        };
        (work.scope < least).then_some(Why::Narrow).or(outside)
    };
    let works = facts.dossier.record.initiatives.iter().filter(|work| kind(work.kind));
    if told.on {
        let mut works: Vec<_> = works.clone().collect();
        works.sort_unstable_by_key(|work| (work.year, &work.title, work.kind as u8, work.scope, &work.decision));
        told.say(works.into_iter().map(|work| found::fact(&found::work(work), why(work))));
    }
    let counted = works.filter(|work| why(work).is_none()).count();
    u32::try_from(counted).unwrap_or(u32::MAX)
}
