//! The criteria, one by one: what the record shows, or that a person must say.

use std::collections::BTreeSet;

use time::{Date, Month};

use crate::{
    Criterion, InitiativeKind, Scope, Status,
    eligibility::{
        contribution::{Posts, posts_held},
        documents::is_foreign,
        facts::{Facts, counts_from},
        window::{Window, full_months, full_years, latest_run},
    },
};

/// The prior award that a path builds on, and the years that count after it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground {
    /// From when on merit counts, by the prior award.
    pub anchor: Option<Date>,
    /// The years that count.
    pub window: Window,
    /// How many years in a row the award looks back on: works of those years count.
    pub lookback: u32,
}

/// How a criterion came out, and the article that decided it, where it is not the criterion's own.
pub(crate) struct Outcome {
    pub status: Status,
    pub article: Option<String>,
}

impl From<Status> for Outcome {
    fn from(status: Status) -> Self {
        Self { status, article: None }
    }
}

const fn met(holds: bool) -> Status {
    if holds { Status::Met } else { Status::NotMet }
}

/// Checks one criterion. An unconfirmed one that does not hold only warns.
pub(crate) fn check(facts: &Facts<'_>, award: &str, criterion: &Criterion, ground: Ground) -> Outcome {
    let mut outcome = raw(facts, award, criterion, ground);
    if outcome.status == Status::NotMet && !criterion.confirmed {
        outcome.status = Status::Warning;
    }
    outcome
}

fn raw(facts: &Facts<'_>, award: &str, criterion: &Criterion, ground: Ground) -> Outcome {
    let status = match criterion.kind.as_str() {
        "prior-award" => prior_award(facts, criterion, ground),
        "same-year-title" => met(facts.held_of(&criterion.awards()).any(|held| held.year == facts.year)),
        "title-count" => met(title_count(facts, criterion, ground)),
        "annual-rating" => met(annual_rating(facts, criterion, ground)),
        "years-rated" => met(years_rated(facts, criterion, ground)),
        "years-since-prior-award" => {
            let min = criterion.min.unwrap_or(0);
            let awards = criterion.awards();
            let long_ago = |from: Date| full_years(from, facts.day) >= min;
            met(ground.anchor.map_or_else(
                || facts.held_of(&awards).any(|held| long_ago(counts_from(held))),
                long_ago,
            ))
        }
        "years-of-service" => years_of_service(facts, criterion),
        "initiative" | "research" | "combat-creativity" | "initiative-or-research" => {
            met(works(facts, criterion, ground) >= criterion.min.unwrap_or(1))
        }
        "invention-or-work" => {
            let shown = works(facts, criterion, ground) > 0;
            if shown {
                Status::Met
            } else {
                asked(facts, "invention-or-work")
            }
        }
        "quota-percent" => Status::Warning,
        "counts-as-service" => Status::Met,
        "timing" => timing(facts),
        "flags" => asked_or_warned(facts, "flags"),
        "member-share" | "member-count" => met(members(facts, criterion)),
        "cluster-rank" => met(cluster_rank(facts, criterion)),
        "movement" => movement(facts, criterion),
        "contribution-post" => return contribution_post(facts, award, criterion),
        "no-discipline" => met(no_discipline(facts, criterion)),
        "no-member-discipline" => {
            let level = criterion.level_at_least;
            let disciplined = facts
                .dossier
                .record
                .collective
                .iter()
                .flat_map(|members| &members.disciplined);
            met(!disciplined
                .into_iter()
                .any(|measure| level.is_none_or(|least| *measure >= least)))
        }
        "recruited-at-least-months" => recruited(facts, criterion),
        "recipient-kind" if !criterion.any_of.is_empty() => met(criterion.any_of.contains(&facts.agency_kind)),
        "force" => facts.in_force(&criterion.force).map_or_else(
            || asked(facts, "force"),
            |belongs| {
                if belongs || facts.answered("force") {
                    Status::Met
                } else {
                    Status::NotMet
                }
            },
        ),
        "foreign-recipient" => is_foreign(facts).map_or_else(|| asked(facts, "foreign-recipient"), met),
        "once-only" => met(once_only(facts, award, criterion)),
        // All others are for people to judge.
        other => asked(facts, other),
    };
    status.into()
}

/// A criterion for people: met by an entry in the file, else a question.
fn asked(facts: &Facts<'_>, kind: &str) -> Status {
    if facts.answered(kind) {
        Status::Met
    } else {
        Status::Question
    }
}

fn asked_or_warned(facts: &Facts<'_>, kind: &str) -> Status {
    if facts.answered(kind) {
        Status::Met
    } else {
        Status::Warning
    }
}

fn prior_award(facts: &Facts<'_>, criterion: &Criterion, ground: Ground) -> Status {
    let awards = criterion.awards();
    let times = criterion.times.unwrap_or(1);
    if criterion.meets_standard {
        // Only the standard must be met: the award itself shows it, otherwise a person says so.
        let held = facts
            .held_of(&awards)
            .any(|held| !criterion.same_year || held.year == facts.year);
        return if held { Status::Met } else { asked(facts, "declared") };
    }
    if criterion.consecutive {
        return met(consecutive(facts, &facts.years_held(&awards, ground.window)) >= times);
    }
    if times > 1 {
        return met(facts.years_held(&awards, ground.window).len() >= times as usize);
    }
    met(facts.held_of(&awards).next().is_some())
}

/// The latest run of adjacent years, if it reaches the year that the award is for, or the one before.
fn consecutive(facts: &Facts<'_>, years: &BTreeSet<i32>) -> u32 {
    let reaches = years.last().is_some_and(|last| *last >= facts.year.saturating_sub(1));
    if reaches { latest_run(years) } else { 0 }
}

fn title_count(facts: &Facts<'_>, criterion: &Criterion, ground: Ground) -> bool {
    let years = facts.years_held(&criterion.awards(), ground.window);
    let count = if criterion.consecutive {
        consecutive(facts, &years)
    } else {
        u32::try_from(years.len()).unwrap_or(u32::MAX)
    };
    count >= criterion.min.unwrap_or(1)
}

fn annual_rating(facts: &Facts<'_>, criterion: &Criterion, ground: Ground) -> bool {
    let least = criterion.least();
    let needed = criterion.years.unwrap_or(1);
    let windowed = criterion.within.is_some() || criterion.consecutive;
    if needed == 1 && !windowed {
        return facts.ratings.get(&facts.year).is_some_and(|rating| *rating >= least);
    }
    let good: BTreeSet<i32> = facts
        .ratings
        .iter()
        .filter(|(year, rating)| **rating >= least && (!windowed || ground.window.holds(**year)))
        .map(|(year, _)| *year)
        .filter(|year| *year <= facts.day.year())
        .collect();
    let count = if criterion.consecutive {
        consecutive(facts, &good)
    } else {
        u32::try_from(good.len()).unwrap_or(u32::MAX)
    };
    count >= needed
}

/// Years in a row with the rating, up to the last year that is rated at all; a worse year or a gap starts anew.
fn years_rated(facts: &Facts<'_>, criterion: &Criterion, ground: Ground) -> bool {
    let least = criterion.least();
    let titles: Vec<&str> = criterion.or_title.iter().map(String::as_str).collect();
    let mut good = facts.years_held(&titles, ground.window);
    let rated = facts.ratings.iter().filter(|(year, _)| ground.window.holds(**year));
    good.extend(
        rated
            .clone()
            .filter(|(_, rating)| **rating >= least)
            .map(|(year, _)| *year),
    );
    let last = rated.clone().map(|(year, _)| *year).chain(good.iter().copied()).max();
    let run = if good.last().copied() == last {
        latest_run(&good)
    } else {
        0
    };
    let between = !facts.set.rating_between_awards
        || !criterion.after_prior
        || rated
            .clone()
            .all(|(year, rating)| *rating >= crate::Rating::HoanThanhTot || good.contains(year));
    run >= criterion.min.unwrap_or(1) && between
}

fn years_of_service(facts: &Facts<'_>, criterion: &Criterion) -> Status {
    let Some(hired) = facts.dossier.record.hired_on else {
        return Status::NotMet;
    };
    let until = facts
        .dossier
        .candidate
        .deceased_on
        .map_or(facts.day, |died| died.min(facts.day));
    let years = full_years(hired, until);
    let long = years >= criterion.min.unwrap_or(0) && criterion.below.is_none_or(|below| years < below);
    let belongs = criterion.force.is_empty() || facts.in_force(&criterion.force) != Some(false);
    met(long && (belongs || facts.answered("force")))
}

/// How many recognised works of the kind and scope count.
fn works(facts: &Facts<'_>, criterion: &Criterion, ground: Ground) -> u32 {
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
    let period = facts.dossier.achievement.from.year().min(looks_back)..=facts.day.year();
    let accumulated = criterion.within.as_deref() == Some("accumulate-window");
    let inside = |year: i32| {
        if accumulated {
            ground.window.holds(year)
        } else {
            period.contains(&year)
        }
    };
    let works = facts.dossier.record.initiatives.iter();
    let counted = works
        .filter(|work| kind(work.kind) && work.scope >= least && inside(work.year))
        .count();
    u32::try_from(counted).unwrap_or(u32::MAX)
}

/// Considered in the year right after the last ministry or province title.
fn timing(facts: &Facts<'_>) -> Status {
    let last = facts
        .held_of(&["chien-si-thi-dua-bo-ban-nganh-tinh"])
        .map(|held| held.year)
        .max();
    met(last.is_some_and(|last| facts.dossier.letter.date.year() == last.saturating_add(1)))
}

fn members(facts: &Facts<'_>, criterion: &Criterion) -> bool {
    let Some(collective) = &facts.dossier.record.collective else {
        return false;
    };
    if collective.year.is_some_and(|year| year != facts.year) {
        return false;
    }
    let of = criterion.of.as_deref().unwrap_or_default();
    let share = if of == "completed duties or better" {
        u64::from(collective.completed_or_better.unwrap_or(0))
    } else {
        let named = collective
            .titles
            .iter()
            .filter(|(title, _)| facts.law.same_award(title, of));
        named.map(|(_, count)| u64::from(*count)).sum()
    };
    if criterion.kind == "member-count" {
        return share >= u64::from(criterion.min.unwrap_or(1));
    }
    let all = u64::from(facts.dossier.candidate.members.unwrap_or(0));
    let enough = criterion
        .min_percent
        .is_none_or(|percent| share * 100 >= u64::from(percent) * all);
    let more = criterion
        .more_than_percent
        .is_none_or(|percent| share * 100 > u64::from(percent) * all);
    all > 0 && enough && more
}

fn cluster_rank(facts: &Facts<'_>, criterion: &Criterion) -> bool {
    facts.dossier.record.collective.as_ref().is_some_and(|collective| {
        collective.year.is_none_or(|year| year == facts.year)
            && collective
                .cluster_rank
                .is_some_and(|rank| rank >= 1 && rank <= criterion.rank.unwrap_or(1))
            && (criterion.cluster_level.is_none() || collective.cluster_level == criterion.cluster_level)
    })
}

/// A person says that the candidate stood out; who launched the movement and for how long is in the record.
fn movement(facts: &Facts<'_>, criterion: &Criterion) -> Status {
    if !facts.answered("movement") {
        return Status::Question;
    }
    let collective = facts.dossier.record.collective.as_ref();
    let Some(movement) = collective.and_then(|collective| collective.movement.as_ref()) else {
        return Status::Met;
    };
    let long = movement
        .years
        .is_none_or(|years| years >= criterion.min_years.unwrap_or(0));
    let launched = movement.launched_by.as_deref().and_then(role_of).is_none_or(|roles| {
        criterion.launched_by.is_empty() || criterion.launched_by.iter().any(|by| roles.contains(&by.as_str()))
    });
    met(long && launched)
}

/// The roles that may stand behind who launched a movement; `None` where it cannot be told.
fn role_of(launched_by: &str) -> Option<&'static [&'static str]> {
    match launched_by {
        "thu-tuong-chinh-phu" | "prime-minister" | "chinh-phu" => Some(&["prime-minister"]),
        "chu-tich-nuoc" | "president" => Some(&["president"]),
        "minister" => Some(&["minister"]),
        "province-chair" => Some(&["province-chair"]),
        code if code.starts_with("bo-") => Some(&["minister"]),
        code if code.starts_with("tinh-") || code.starts_with("thanh-pho-") => Some(&["province-chair"]),
        code if code.starts_with("so-") || code.starts_with("quan-") || code.starts_with("phuong-") => Some(&["local"]),
        _ => None,
    }
}

fn contribution_post(facts: &Facts<'_>, award: &str, criterion: &Criterion) -> Outcome {
    if !criterion.rows {
        return asked(facts, "contribution-post").into();
    }
    // Disciplined while holding the listed posts: no award for the process.
    let posts = &facts.dossier.record.posts;
    let during = |day: Date| {
        posts
            .iter()
            .any(|post| post.from <= day && post.to.is_none_or(|to| day <= to))
    };
    if facts.set.discipline_resets
        && facts
            .dossier
            .record
            .discipline
            .iter()
            .any(|measure| during(measure.date))
    {
        return Status::NotMet.into();
    }
    match posts_held(facts, award) {
        Posts::Met(article) => Outcome {
            status: Status::Met,
            article,
        },
        Posts::NotMet if facts.answered("contribution-post") => Status::Met.into(),
        Posts::NotMet => Status::NotMet.into(),
        Posts::NoTable => asked(facts, "contribution-post").into(),
    }
}

fn no_discipline(facts: &Facts<'_>, criterion: &Criterion) -> bool {
    !facts.dossier.record.discipline.iter().any(|measure| {
        criterion.level_at_least.is_none_or(|least| measure.measure >= least)
            && (criterion.window.as_deref() != Some("award-year") || measure.date.year() == facts.year)
            && measure.date <= facts.day
    })
}

fn recruited(facts: &Facts<'_>, criterion: &Criterion) -> Status {
    let Ok(end) = Date::from_calendar_date(facts.year, Month::December, 31) else {
        return Status::Question;
    };
    if let Some(hired) = facts.dossier.record.hired_on {
        // The whole of 31 December is served.
        let end = end.next_day().unwrap_or(end);
        return met(hired < end && full_months(hired, end) >= criterion.min.unwrap_or(0));
    }
    let record = &facts.dossier.record;
    let earlier = facts.ratings.keys().any(|year| *year < facts.year)
        || record.awards.iter().any(|held| held.year < facts.year)
        || record.posts.iter().any(|post| post.from.year() < facts.year);
    if earlier {
        Status::Met
    } else {
        asked(facts, "recruited-at-least-months")
    }
}

fn once_only(facts: &Facts<'_>, award: &str, criterion: &Criterion) -> bool {
    let record = &facts.dossier.record;
    let barred = |code: &str, contribution: bool| {
        record.awards.iter().any(|held| {
            held.revoked_on.is_none()
                && facts.law.same_award(code, &held.award)
                && (!contribution || held.basis == crate::Basis::Contribution)
        })
    };
    if criterion.none_of.is_empty() {
        !barred(award, false)
    } else {
        !criterion.none_of.iter().any(|code| barred(code, true))
    }
}
