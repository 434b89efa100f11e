//! The tables that all rule sets share: each entry names its set, and the nearest set's entry counts.

use std::sync::OnceLock;

use super::{Law, LawError};
use crate::{
    Calendar,
    catalogue::{LocalAwardFile, any_matches},
    eligibility::{contribution::ContributionFile, documents::DocumentsFile},
    files::Files,
    limits::LimitsFile,
    money::MoneyFile,
    route::CouncilsFile,
};

/// A table of the law, read when it is first asked for: a check on the command line needs few of them.
struct Table<T> {
    read: OnceLock<T>,
    parse: fn(&Files) -> Result<T, LawError>,
}

impl<T> Table<T> {
    const fn new(parse: fn(&Files) -> Result<T, LawError>) -> Self {
        Self {
            read: OnceLock::new(),
            parse,
        }
    }

    fn get(&self, files: &Files) -> &T {
        // A law loaded from a folder has been read in full by then; the one compiled in is read by a test.
        self.read
            .get_or_init(|| (self.parse)(files).expect("the data of the law is well formed"))
    }

    fn force(&self, files: &Files) -> Result<(), LawError> {
        let read = (self.parse)(files)?;
        self.read.get_or_init(|| read);
        Ok(())
    }
}

/// All tables.
pub(super) struct Tables {
    councils: Table<CouncilsFile>,
    limits: Table<LimitsFile>,
    money: Table<MoneyFile>,
    documents: Table<DocumentsFile>,
    contribution: Table<ContributionFile>,
    calendar: Table<Calendar>,
    local: Table<LocalAwardFile>,
}

impl Tables {
    pub(super) const fn new() -> Self {
        Self {
            councils: Table::new(|files| files.table("councils.toml")),
            limits: Table::new(|files| files.table("limits.toml")),
            money: Table::new(|files| files.table("money.toml")),
            documents: Table::new(|files| files.table("documents.toml")),
            contribution: Table::new(|files| files.table("contribution.toml")),
            calendar: Table::new(calendar),
            local: Table::new(|files| files.one("local-award.toml")),
        }
    }

    /// Reads all of them, so that nothing malformed waits to be found later.
    pub(super) fn force(&self, files: &Files) -> Result<(), LawError> {
        self.councils.force(files)?;
        self.limits.force(files)?;
        self.money.force(files)?;
        self.documents.force(files)?;
        self.contribution.force(files)?;
        self.local.force(files)?;
        self.calendar.force(files)
    }
}

impl Law {
    /// The calendar of working days.
    pub fn calendar(&self) -> &Calendar {
        self.tables.calendar.get(&self.files)
    }

    pub(crate) fn councils(&self) -> &CouncilsFile {
        self.tables.councils.get(&self.files)
    }

    pub(crate) fn limits(&self) -> &LimitsFile {
        self.tables.limits.get(&self.files)
    }

    pub(crate) fn money(&self) -> &MoneyFile {
        self.tables.money.get(&self.files)
    }

    pub(crate) fn documents(&self) -> &DocumentsFile {
        self.tables.documents.get(&self.files)
    }

    pub(crate) fn contribution(&self) -> &ContributionFile {
        self.tables.contribution.get(&self.files)
    }

    /// What every award of an agency's own is, but for the agency's regulation.
    pub(super) fn local(&self) -> &LocalAwardFile {
        self.tables.local.get(&self.files)
    }

    /// The entry of a table that counts for this award under a rule set: the nearest set first, in the order of the
    /// file within it. The second value says that the entry is only borrowed.
    pub(crate) fn entry<'a, E: Entry>(&'a self, table: &'a [E], rule_set: &str, award: &str) -> Option<(&'a E, bool)> {
        self.entries(table, rule_set, award).next()
    }

    /// All entries that count, the nearest set first.
    pub(crate) fn entries<'a, E: Entry>(
        &'a self,
        table: &'a [E],
        rule_set: &str,
        award: &str,
    ) -> impl Iterator<Item = (&'a E, bool)> {
        let award = award.to_owned();
        self.line(rule_set).iter().flat_map(move |(id, borrowed)| {
            let award = award.clone();
            table
                .iter()
                .filter(move |entry| entry.rule_set() == id && any_matches(entry.awards(), &award))
                .map(move |entry| (entry, *borrowed))
        })
    }
}

/// An entry of a table that several rule sets share.
pub(crate) trait Entry {
    /// The rule set that it belongs to.
    fn rule_set(&self) -> &str;
    /// The patterns of awards that it is for; none: all.
    fn awards(&self) -> &[String];
}

/// A bundle has no calendar: no verdict asks for it.
fn calendar(files: &Files) -> Result<Calendar, LawError> {
    let text = files.text("calendar.toml").unwrap_or("year = []");
    Calendar::parse(text).map_err(|error| LawError::Data {
        file: "calendar.toml".to_owned(),
        reason: error.to_string(),
    })
}
