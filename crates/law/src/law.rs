//! The law as data: where it is read, and how one asks it.

use std::{
    borrow::Cow,
    path::Path,
    sync::{LazyLock, OnceLock},
};

use serde::{Deserialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use time::Date;

use crate::{
    AwardRule, Calendar,
    calendar::NoCalendarData,
    catalogue::{AwardsFile, LayerFile, Pending, any_matches, resolve},
    eligibility::{contribution::ContributionFile, documents::DocumentsFile},
    limits::LimitsFile,
    money::MoneyFile,
    route::CouncilsFile,
    rule_set::RuleSetsFile,
};

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
    #[error("no rule set is in force on {0}; check the date, or add the rule set to rule_sets.toml")]
    NoRuleSet(Date),
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
    /// The calendar has no data.
    #[error(transparent)]
    NoCalendarData(#[from] NoCalendarData),
}

/// A file of the law, read when it is first asked for: a check on the command line needs few of them.
struct Source<T> {
    name: &'static str,
    text: Cow<'static, str>,
    read: OnceLock<T>,
    parse: fn(&str) -> Result<T, toml::de::Error>,
}

impl<T> Source<T> {
    fn get(&self) -> &T {
        // A law loaded from a folder has been read in full by then; the one compiled in is read by a test.
        self.read
            .get_or_init(|| (self.parse)(&self.text).expect("the data of the law is well formed"))
    }

    fn force(&self) -> Result<(), LawError> {
        let read = (self.parse)(&self.text).map_err(|error| LawError::Data {
            file: self.name.to_owned(),
            reason: error.to_string(),
        })?;
        self.read.get_or_init(|| read);
        Ok(())
    }
}

/// What the law says: awards, rule sets by date, eligibility, routes, councils, limits, money and the calendar.
pub struct Law {
    awards: Source<AwardsFile>,
    layer_2003: Source<LayerFile>,
    layer_2025: Source<LayerFile>,
    layer_2026: Source<LayerFile>,
    rule_sets: Source<RuleSetsFile>,
    councils: Source<CouncilsFile>,
    limits: Source<LimitsFile>,
    money: Source<MoneyFile>,
    documents: Source<DocumentsFile>,
    contribution: Source<ContributionFile>,
    calendar: Source<Calendar>,
    resolved: [OnceLock<Vec<AwardRule>>; RESOLVED],
    local: AwardRule,
}

/// Room for the awards as each rule set has them.
const RESOLVED: usize = 16;

static EMBEDDED: LazyLock<Law> = LazyLock::new(|| {
    Law::from_texts(|name| Ok(Cow::Borrowed(embedded(name)))).expect("reading what is compiled in cannot fail")
});

const fn embedded(name: &str) -> &'static str {
    match name.as_bytes() {
        b"awards.toml" => include_str!("../data/awards.toml"),
        b"law-2003.toml" => include_str!("../data/law-2003.toml"),
        b"decree-152-2025.toml" => include_str!("../data/decree-152-2025.toml"),
        b"law-2026.toml" => include_str!("../data/law-2026.toml"),
        b"rule_sets.toml" => include_str!("../data/rule_sets.toml"),
        b"councils.toml" => include_str!("../data/councils.toml"),
        b"limits.toml" => include_str!("../data/limits.toml"),
        b"money.toml" => include_str!("../data/money.toml"),
        b"documents.toml" => include_str!("../data/documents.toml"),
        b"contribution.toml" => include_str!("../data/contribution.toml"),
        b"calendar.toml" => include_str!("../data/calendar.toml"),
        _ => "",
    }
}

fn plain<T: DeserializeOwned>(text: &str) -> Result<T, toml::de::Error> {
    toml::from_str(text)
}

impl Law {
    /// The law that is compiled in.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Reads the law from a folder of files of the same names and form as those compiled in.
    ///
    /// # Errors
    /// [`LawError::Data`], naming the file that is missing or malformed.
    pub fn load(dir: &Path) -> Result<Self, LawError> {
        let law = Self::from_texts(|name| {
            std::fs::read_to_string(dir.join(name))
                .map(Cow::Owned)
                .map_err(|error| LawError::Data {
                    file: name.to_owned(),
                    reason: error.to_string(),
                })
        })?;
        law.verify()?;
        Ok(law)
    }

    fn from_texts(text: impl Fn(&'static str) -> Result<Cow<'static, str>, LawError>) -> Result<Self, LawError> {
        fn source<T>(
            name: &'static str,
            text: Result<Cow<'static, str>, LawError>,
            parse: fn(&str) -> Result<T, toml::de::Error>,
        ) -> Result<Source<T>, LawError> {
            Ok(Source {
                name,
                text: text?,
                read: OnceLock::new(),
                parse,
            })
        }
        macro_rules! source {
            ($name:literal, $parse:expr) => {
                source($name, text($name), $parse)?
            };
        }
        Ok(Self {
            awards: source!("awards.toml", plain),
            layer_2003: source!("law-2003.toml", plain),
            layer_2025: source!("decree-152-2025.toml", plain),
            layer_2026: source!("law-2026.toml", plain),
            rule_sets: source!("rule_sets.toml", plain),
            councils: source!("councils.toml", plain),
            limits: source!("limits.toml", plain),
            money: source!("money.toml", plain),
            documents: source!("documents.toml", plain),
            contribution: source!("contribution.toml", plain),
            calendar: source!("calendar.toml", Calendar::parse),
            resolved: [const { OnceLock::new() }; RESOLVED],
            local: local_award(),
        })
    }

    /// Reads every file, so that nothing malformed waits to be found later.
    pub(crate) fn verify(&self) -> Result<(), LawError> {
        self.awards.force()?;
        self.layer_2003.force()?;
        self.layer_2025.force()?;
        self.layer_2026.force()?;
        self.rule_sets.force()?;
        self.councils.force()?;
        self.limits.force()?;
        self.money.force()?;
        self.documents.force()?;
        self.contribution.force()?;
        self.calendar.force()?;
        if self.rule_sets().len() > RESOLVED {
            let reason = format!("more than {RESOLVED} rule sets");
            return Err(LawError::Data {
                file: "rule_sets.toml".to_owned(),
                reason,
            });
        }
        Ok(())
    }

    /// The award of this code, as the newest rule set that gives it has it; also by an earlier name.
    pub fn award(&self, code: &str) -> Option<&AwardRule> {
        let sets = self.rule_sets().iter().rev().map(|set| set.id.as_str());
        sets.filter_map(|set| self.award_in(code, set))
            .find(|award| award.ended.is_none())
    }

    /// The award of this code as one rule set has it, or where it is no longer given, with [`AwardRule::ended`] set.
    pub fn award_in(&self, code: &str, rule_set: &str) -> Option<&AwardRule> {
        if code.contains('/') {
            return Some(&self.local);
        }
        let all = self.resolved(rule_set)?;
        all.iter()
            .find(|award| award.code == code && award.from_rule_set.is_none())
    }

    /// The award that a dossier means: a renamed award by its name of that time, and the other way round.
    pub(crate) fn award_meant(&self, code: &str, rule_set: &str) -> Option<&AwardRule> {
        let named = self.award_in(code, rule_set);
        let successor = named
            .and_then(|award| award.ended.as_ref())
            .and_then(|ended| ended.successor.as_deref());
        if let Some(successor) = successor {
            return self.award_in(successor, rule_set);
        }
        named.or_else(|| {
            let later = self.resolved(rule_set)?.iter().find(|award| award.code == code)?;
            self.award_in(later.renamed_from.as_deref()?, rule_set)
        })
    }

    /// The awards that a rule set gives; empty for an unknown one.
    pub fn awards(&self, rule_set: &str) -> Vec<&AwardRule> {
        let all = self.resolved(rule_set).unwrap_or_default();
        all.iter()
            .filter(|award| award.from_rule_set.is_none() && award.ended.is_none())
            .collect()
    }

    /// Whether the catalogue has this award, under any rule set. A local award is known by its form.
    pub fn knows_award(&self, code: &str) -> bool {
        let local = code
            .split_once('/')
            .is_some_and(|(agency, name)| !agency.is_empty() && !name.is_empty());
        local || !code.contains('/') && self.awards.get().award.iter().any(|award| award.code == code)
    }

    /// One code for an award and its earlier name.
    pub fn same_award(&self, one: &str, other: &str) -> bool {
        let first = |code: &str| -> String {
            let renamed = self.awards.get().award.iter().find(|award| award.code == code);
            renamed
                .and_then(|award| award.renamed_from.clone())
                .unwrap_or_else(|| code.to_owned())
        };
        one == other || first(one) == first(other)
    }

    /// Changes that are known of but not switched on under this rule set.
    pub fn pending(&self, rule_set: &str) -> &[Pending] {
        self.layer(rule_set).map_or(&[], |layer| &layer.pending)
    }

    /// The calendar of working days.
    pub fn calendar(&self) -> &Calendar {
        self.calendar.get()
    }

    /// SHA-256, in hex, over the canonical data of a rule set: what it inherits included. Empty for an unknown one.
    pub fn digest(&self, rule_set: &str) -> String {
        let Some(awards) = self.resolved(rule_set) else {
            return String::new();
        };
        let lineage = self.lineage(rule_set);
        let mut hash = Sha256::new();
        let canonical = serde_json::to_vec(&(&lineage, awards)).expect("plain data has a JSON form");
        hash.update(&canonical);
        // The tables below hold several rule sets; what this one does not inherit is left out.
        let ids: Vec<&str> = lineage.iter().map(|set| set.id.as_str()).collect();
        for text in [
            &self.councils.text,
            &self.limits.text,
            &self.money.text,
            &self.documents.text,
        ] {
            for line in entries_of(text, &ids) {
                hash.update(line.as_bytes());
            }
        }
        for line in entries_of(&self.contribution.text, &ids) {
            hash.update(line.as_bytes());
        }
        hex::encode(hash.finalize())
    }

    fn layer(&self, rule_set: &str) -> Option<&LayerFile> {
        match rule_set {
            "law-2003" => Some(self.layer_2003.get()),
            "decree-152-2025" => Some(self.layer_2025.get()),
            "law-2026" => Some(self.layer_2026.get()),
            _ => None,
        }
    }

    fn resolved(&self, rule_set: &str) -> Option<&[AwardRule]> {
        let (index, set) = self
            .rule_sets()
            .iter()
            .enumerate()
            .find(|(_, set)| set.id == rule_set)?;
        let cell = self.resolved.get(index)?;
        if let Some(done) = cell.get() {
            return Some(done);
        }
        let empty = LayerFile::default();
        let layer = self.layer(rule_set).unwrap_or(&empty);
        let base = match set.base.as_deref() {
            // A rule set is listed with what it inherits from; a circle would have no first one.
            Some(base) if self.lineage(rule_set).last().is_some_and(|root| root.base.is_none()) => {
                self.resolved(base)?
            }
            _ => &self.awards.get().award,
        };
        let resolved = resolve(base, layer, rule_set, set.borrowed);
        Some(cell.get_or_init(|| resolved))
    }

    /// The entry of a table that counts for this award under a rule set: the nearest set first, in the order of the
    /// file within it. The second value says that the entry is only borrowed.
    pub(crate) fn entry<'a, E: Entry>(&self, table: &'a [E], rule_set: &str, award: &str) -> Option<(&'a E, bool)> {
        self.entries(table, rule_set, award).next()
    }

    /// All entries that count, the nearest set first.
    pub(crate) fn entries<'a, E: Entry>(
        &self,
        table: &'a [E],
        rule_set: &str,
        award: &str,
    ) -> impl Iterator<Item = (&'a E, bool)> {
        let line: Vec<(String, bool)> = self
            .lineage(rule_set)
            .iter()
            .map(|set| (set.id.clone(), self.borrows(rule_set, &set.id)))
            .collect();
        let award = award.to_owned();
        line.into_iter().flat_map(move |(id, borrowed)| {
            let award = award.clone();
            table
                .iter()
                .filter(move |entry| entry.rule_set() == id && any_matches(entry.awards(), &award))
                .map(move |entry| (entry, borrowed))
        })
    }

    pub(crate) fn rule_sets_file(&self) -> &RuleSetsFile {
        self.rule_sets.get()
    }

    pub(crate) fn councils(&self) -> &CouncilsFile {
        self.councils.get()
    }

    pub(crate) fn limits(&self) -> &LimitsFile {
        self.limits.get()
    }

    pub(crate) fn money(&self) -> &MoneyFile {
        self.money.get()
    }

    pub(crate) fn documents(&self) -> &DocumentsFile {
        self.documents.get()
    }

    pub(crate) fn contribution(&self) -> &ContributionFile {
        self.contribution.get()
    }
}

/// An entry of a table that several rule sets share.
pub(crate) trait Entry {
    /// The rule set that it belongs to.
    fn rule_set(&self) -> &str;
    /// The patterns of awards that it is for; none: all.
    fn awards(&self) -> &[String];
}

/// The lines of those `[[entries]]` of a file that belong to one of the rule sets, or to none in particular.
fn entries_of<'a>(text: &'a str, rule_sets: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    text.split("\n[[").filter(move |entry| {
        let set = entry.lines().find_map(|line| line.strip_prefix("rule_set = "));
        set.is_none_or(|set| rule_sets.contains(&set.trim_matches('"')))
    })
}

fn local_award() -> AwardRule {
    #[derive(Deserialize)]
    struct One {
        award: AwardRule,
    }
    let one: One = toml::from_str(include_str!("../data/local-award.toml")).expect("a test reads the file");
    one.award
}
