//! Why the law gives no answer.

use time::Date;

use crate::calendar::NoCalendarData;

/// Why the law gives no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LawError {
    /// A file of the law cannot be read.
    #[error("{file}: {reason}; restore the file or use the law that is compiled in")]
    Data {
        /// Which file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No rule set is in force on that day.
    #[error("no rule set is in force on {0}; check the date, or add the folder of a rule set for that day")]
    NoRuleSet(Date),
    /// There is no such rule set.
    #[error("there is no rule set {0}; see `vinhdanh law rules`")]
    UnknownRuleSet(String),
    /// The catalogue does not have this award.
    #[error("award {0} is not in the catalogue; see `vinhdanh law awards`")]
    UnknownAward(String),
    /// The directory does not have this agency.
    #[error("agency {0} is not in the directory; register it first")]
    UnknownAgency(String),
    /// The agency does not exist on that day, and nobody acts for it.
    #[error("agency {agency} does not exist on {on} and has no successor there; enter one in the directory")]
    AgencyGone {
        /// Which agency.
        agency: String,
        /// On which day.
        on: Date,
    },
    /// Above the candidate there is nobody who may decide this award.
    #[error("nobody above agency {agency} may decide {award}; check the agency's parent in the directory")]
    NoAuthority {
        /// Which award.
        award: String,
        /// Where the candidate works.
        agency: String,
    },
    /// A person chose a rule set that is not open to the dossier.
    #[error("rule set {rule_set} is not open to a dossier of {by_dates}; leave the choice to the dates")]
    NotOpen {
        /// The one that was chosen.
        rule_set: String,
        /// The one that the dates select.
        by_dates: String,
    },
    /// The calendar has no data.
    #[error(transparent)]
    NoCalendarData(#[from] NoCalendarData),
}
