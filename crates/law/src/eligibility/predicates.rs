//! The criteria, one by one: what the record shows, or that a person must say.

use time::Date;

use crate::{
    AwardRule, Criterion, Status,
    eligibility::{
        collective, contribution,
        documents::is_foreign,
        facts::Facts,
        found::{self, Told, Why},
        merit, person,
        prepared::CriterionAsked,
        window::Window,
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

/// One criterion before the facts.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub facts: &'a Facts<'a>,
    pub award: &'a AwardRule,
    pub criterion: &'a Criterion,
    pub asked: &'a CriterionAsked,
    pub ground: Ground,
}

pub(crate) const fn met(holds: bool) -> Status {
    if holds { Status::Met } else { Status::NotMet }
}

impl Case<'_> {
    /// How the criterion comes out, and what was found. An unconfirmed one that does not hold only warns.
    pub fn check(self, told: &mut Told) -> Status {
        let status = self.raw(told);
        if status == Status::NotMet && !self.criterion.confirmed {
            Status::Warning
        } else {
            status
        }
    }

    fn raw(self, told: &mut Told) -> Status {
        let facts = self.facts;
        match self.criterion.kind.as_str() {
            "prior-award" => merit::prior_award(self, told),
            "same-year-title" => met(merit::same_year_title(self, told)),
            "title-count" => met(merit::title_count(self, told)),
            "annual-rating" => met(merit::annual_rating(self, told)),
            "years-rated" => met(merit::years_rated(self, told)),
            "years-since-prior-award" => met(merit::years_since(self, told)),
            "timing" => met(merit::timing(self, told)),
            "once-only" => met(merit::once_only(self, told)),
            "initiative" | "research" | "combat-creativity" | "initiative-or-research" => {
                let works = merit::works(self, told);
                met(told.enough(works, self.criterion.min.unwrap_or(1)))
            }
            "invention-or-work" if merit::works(self, told) > 0 => Status::Met,
            "years-of-service" => met(person::years_of_service(self, told)),
            "recruited-at-least-months" => person::recruited(self, told),
            "no-discipline" => met(person::no_discipline(self, told)),
            "contribution-post" => contribution::posts(self, told),
            "force" => match facts.in_force(&self.criterion.force) {
                Some(true) => Status::Met,
                Some(false) if !facts.answered("force") => Status::NotMet,
                _ => self.asked(told),
            },
            "foreign-recipient" => is_foreign(facts).map_or_else(|| self.asked(told), met),
            "recipient-kind" if !self.criterion.any_of.is_empty() => {
                met(self.criterion.any_of.iter().any(|kind| kind == facts.agency_kind()))
            }
            "member-share" | "member-count" => met(collective::members(self, told)),
            "cluster-rank" => met(collective::cluster_rank(self, told)),
            "no-member-discipline" => met(collective::no_member_discipline(self, told)),
            "movement" => collective::movement(self, told),
            // The whole list of an agency shows a share, never one dossier.
            "quota-percent" => Status::Warning,
            "counts-as-service" => Status::Met,
            "flags" if !facts.answered("flags") => Status::Warning,
            "local-criteria" if self.answered_by_name(told) => Status::Met,
            // All others are for people to judge.
            _ => self.asked(told),
        }
    }

    /// A criterion for people: met by an entry in the file, else a question.
    pub fn asked(self, told: &mut Told) -> Status {
        self.asked_as(&self.criterion.kind, told)
    }

    /// The same, answered by an entry of another type.
    pub fn asked_as(self, kind: &str, told: &mut Told) -> Status {
        if !told.on {
            return if self.facts.answered(kind) {
                Status::Met
            } else {
                Status::Question
            };
        }
        let Some(answer) = self.facts.answer(kind) else {
            return Status::Question;
        };
        told.fact(None, || found::answer(&answer.text));
        Status::Met
    }

    fn answered_by_name(self, told: &mut Told) -> bool {
        let id = self.criterion.id.as_deref();
        id.is_some_and(|id| self.asked_as(id, told) == Status::Met)
    }

    /// The awards that the criterion names, each with why it does not count, if so.
    pub fn say_awards(self, told: &mut Told, why: impl Fn(i32) -> Option<Why>) {
        if told.on {
            let held = self.facts.all_of(&self.asked.awards);
            told.say(held.map(|held| {
                let why = held.not_merit.or_else(|| why(held.award.year));
                held.fact(self.facts.prepared, why)
            }));
        }
    }
}
