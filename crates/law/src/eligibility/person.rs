//! Criteria on a person's service: when it began, how long it lasted, and discipline.

use time::{Date, Month};

use crate::{
    Status,
    eligibility::{
        found::{self, Told, Why},
        predicates::{Case, met},
        window::{full_months, full_years},
    },
};

pub(crate) fn years_of_service(case: Case<'_>, told: &mut Told) -> bool {
    let (facts, criterion) = (case.facts, case.criterion);
    let need = criterion.min.unwrap_or(0);
    let Some(hired) = facts.dossier.record.hired_on else {
        told.enough(0, need);
        return false;
    };
    let died = facts.dossier.candidate.deceased_on;
    let until = died.map_or(facts.day, |died| died.min(facts.day));
    let years = full_years(hired, until);
    let under = criterion.below.is_none_or(|below| years < below);
    let belongs = criterion.force.is_empty() || facts.in_force(&criterion.force) != Some(false);
    let holds = told.enough(years, need) && under && (belongs || facts.answered("force"));
    told.fact((years < need).then_some(Why::Recent), || found::hired(hired));
    holds
}

pub(crate) fn recruited(case: Case<'_>, told: &mut Told) -> Status {
    let facts = case.facts;
    let record = &facts.dossier.record;
    let Ok(end) = Date::from_calendar_date(facts.year, Month::December, 31) else {
        return Status::Question;
    };
    if let Some(hired) = record.hired_on {
        // The whole of 31 December is served.
        let end = end.next_day().unwrap_or(end);
        let months = if hired < end { full_months(hired, end) } else { 0 };
        let enough = told.enough(months, case.criterion.min.unwrap_or(0)) && hired < end;
        told.fact((!enough).then_some(Why::Recent), || found::hired(hired));
        return met(enough);
    }
    let earlier = facts.ratings.iter().any(|rated| rated.year < facts.year)
        || record.awards.iter().any(|held| held.year < facts.year)
        || record.posts.iter().any(|post| post.from.year() < facts.year);
    if earlier { Status::Met } else { case.asked(told) }
}

pub(crate) fn no_discipline(case: Case<'_>, told: &mut Told) -> bool {
    let (facts, criterion) = (case.facts, case.criterion);
    let mut against: Vec<_> = facts
        .dossier
        .record
        .discipline
        .iter()
        .filter(|measure| {
            criterion.level_at_least.is_none_or(|least| measure.measure >= least)
                && (criterion.window.as_deref() != Some("award-year") || measure.date.year() == facts.year)
                && measure.date <= facts.day
        })
        .collect();
    against.sort_unstable_by_key(|measure| (measure.date, measure.measure, measure.ended_on));
    for measure in &against {
        told.fact(Some(Why::Against), || found::measure(measure));
    }
    against.is_empty()
}
