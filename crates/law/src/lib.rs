//! What the law on emulation and commendation (thi đua, khen thưởng) says, as dated data, and what follows from it
//! for a dossier: which rule set judges it, whether the candidate is eligible, which way it goes, who decides, how
//! councils vote, how long each step may take, and what the bonus is.
//!
//! Pure: apart from [`Law::load`] nothing here reads a file, a clock or the environment. A fact shows the article that it
//! was read in, and none where none was read; `confirmed = false` marks what was not read and stays a default.
//!
//! A new rule set is a new `[[rule_set]]` in `data/rule_sets.toml` with the set that it inherits from, and a file
//! that lies over the awards of that one.

mod agencies;
mod calendar;
mod catalogue;
mod council;
mod dossier;
mod eligibility;
mod law;
mod level;
mod limits;
mod money;
mod problem;
mod record;
mod route;
mod rule_set;
mod validate;
mod verdict;

pub use time::Date;

pub use crate::{
    agencies::{Agencies, Agency},
    calendar::{Calendar, DayUnit, Limit, NoCalendarData},
    catalogue::{AwardKind, AwardRule, CRITERION_TYPES, Criterion, Decider, Ended, Pending, Recipient},
    council::{Ballot, CouncilRule, Denominator, Fraction, PublicationRule},
    dossier::{
        Achievement, Basis, Candidate, CandidateKind, Declared, Document, DossierFile, Letter, Occupation, SCHEMA, Sex,
    },
    law::{Law, LawError},
    level::Level,
    limits::LimitStep,
    money::{Bonus, Coefficient},
    problem::Problem,
    record::{
        Award, ClusterLevel, Collective, Discipline, Initiative, InitiativeKind, Measure, Movement, PastAchievement,
        Post, Proceeding, ProceedingKind, Rating, Record, Scope, YearRating,
    },
    route::{Route, Station},
    rule_set::{Key, RuleSet, Strictness},
    verdict::{Branch, Check, Hold, Leaf, Note, Paper, PathStatus, Procedure, Status, Tree, Verdict},
};

/// The calendar that is compiled in.
pub fn calendar() -> &'static Calendar {
    Law::embedded().calendar()
}
