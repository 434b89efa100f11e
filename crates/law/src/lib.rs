//! What the law on emulation and commendation (thi đua, khen thưởng) says, as dated data, and what follows from it
//! for a dossier: which rule set judges it, whether the candidate is eligible, which way it goes, who decides, how
//! councils vote, how long each step may take, and what the bonus is.
//!
//! Pure: apart from [`Law::load`] nothing here reads a file, a clock or the environment. A fact shows the article that it
//! was read in, and none where none was read; `confirmed = false` marks what was not read and stays a default.
//!
//! A new rule set is a new folder: `rule_set.toml` names the set that it inherits from, and the other files lie over
//! what that one says. [`Law::load`] takes such folders beside those that are compiled in.

mod agencies;
mod book;
mod calendar;
mod catalogue;
mod council;
mod diff;
mod dossier;
mod eligibility;
mod extract;
mod files;
mod law;
mod level;
mod limits;
mod lint;
mod local;
mod money;
mod problem;
mod record;
mod route;
mod rule_set;
mod share;
mod text;
mod validate;
mod verdict;

pub use time::Date;

pub use crate::{
    agencies::{Agencies, Agency},
    book::Lang,
    calendar::{Calendar, CalendarYear, DayException, DayKind, DayUnit, Limit, NoCalendarData, WorkingDays},
    catalogue::{AwardKind, AwardRule, CRITERION_TYPES, Criterion, Decider, Ended, Pending, Recipient},
    council::{Ballot, CouncilRule, Denominator, Fraction, PublicationRule},
    diff::{Change, ChangeKind},
    dossier::{
        Achievement, Basis, Candidate, CandidateKind, Declared, Document, DossierFile, Letter, Occupation, SCHEMA, Sex,
    },
    law::{Law, LawError},
    level::Level,
    limits::LimitStep,
    lint::{Finding, Severity},
    local::{LocalAward, LocalBonus, LocalCouncil, LocalCriterion, LocalLimit, LocalVersion, OwnTerms, Regulation},
    money::{Bonus, Coefficient},
    problem::Problem,
    record::{
        Award, ClusterLevel, Collective, Discipline, Initiative, InitiativeKind, Measure, Movement, PastAchievement,
        Post, Proceeding, ProceedingKind, Rating, Record, Scope, YearRating,
    },
    route::{Lower, Route, Station},
    rule_set::{Key, RuleSet, Strictness},
    share::{Share, ShareOf, ShareOutcome, ShareVerdict},
    text::Text,
    verdict::{
        Branch, Check, Fact, Hold, Lack, LackKind, Leaf, Note, Paper, PathStatus, Procedure, Status, Tree, Verdict,
    },
};

/// The calendar that is compiled in.
pub fn calendar() -> &'static Calendar {
    Law::embedded().calendar()
}
