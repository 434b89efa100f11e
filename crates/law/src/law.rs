//! The law as data: where it is read, and how one asks it.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{LazyLock, OnceLock},
};

use sha2::{Digest, Sha256};
use time::Date;

use crate::{
    AwardRule, Calendar,
    calendar::NoCalendarData,
    catalogue::{LayerFile, LocalAwardFile, Pending, any_matches, resolve},
    eligibility::{contribution::ContributionFile, documents::DocumentsFile, prepared::Prepared},
    files::Files,
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

/// What the law says: awards, rule sets by date, eligibility, routes, councils, limits, money and the calendar.
pub struct Law {
    files: Files,
    rule_sets: RuleSetsFile,
    lines: BTreeMap<String, Line>,
    councils: Table<CouncilsFile>,
    limits: Table<LimitsFile>,
    money: Table<MoneyFile>,
    documents: Table<DocumentsFile>,
    contribution: Table<ContributionFile>,
    calendar: Table<Calendar>,
    local: Table<LocalAwardFile>,
    prepared: OnceLock<Prepared>,
}

/// What a rule set comes to with all that it inherits; each part is worked out when it is first asked for.
struct Line {
    /// The set itself, then what it inherits from, nearest first; and whether that is only borrowed.
    sets: Vec<(String, bool)>,
    layer: OnceLock<LayerFile>,
    awards: OnceLock<Awards>,
    digest: OnceLock<String>,
}

/// The awards as one rule set has them.
struct Awards {
    all: Vec<AwardRule>,
    by_code: HashMap<String, usize>,
}

static EMBEDDED: LazyLock<Law> =
    LazyLock::new(|| Law::of(Files::embedded()).expect("the rule sets that are compiled in are well formed"));

impl Law {
    /// The law that is compiled in.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// The law that is compiled in with a folder of files laid over it: a new rule set is a new folder there, and a
    /// file of the same path takes the place of the one compiled in.
    ///
    /// # Errors
    /// [`LawError::Data`], naming the file that is unknown, unreadable or malformed, and where in it.
    pub fn load(dir: &Path) -> Result<Self, LawError> {
        let law = Self::of(Files::embedded().overlaid(dir)?)?;
        law.verify()?;
        Ok(law)
    }

    /// The rule sets that a bundle holds, as [`Law::bundle`] wrote it: enough to judge again what they judged.
    ///
    /// # Errors
    /// [`LawError::Data`] if it is no bundle.
    pub fn from_bundle(bundle: &str) -> Result<Self, LawError> {
        let files = serde_json::from_str(bundle).map_err(|error| LawError::Data {
            file: "bundle".to_owned(),
            reason: error.to_string(),
        })?;
        let law = Self::of(Files::bundled(files))?;
        law.verify()?;
        Ok(law)
    }

    /// This law, as if one rule set had been in force for ever: for trying rules on the dossiers of other days. `None`
    /// for an unknown rule set.
    pub fn always(&self, rule_set: &str) -> Option<Self> {
        self.rule_set(rule_set)?;
        let mut law = Self::of(self.files.clone()).ok()?;
        law.rule_sets.always = Some(rule_set.to_owned());
        Some(law)
    }

    /// The files that the law is written in: path, e.g. `law-2022/awards.toml`, and text, by path. Empty for a bundle.
    pub fn written(&self) -> impl Iterator<Item = (&str, &str)> {
        let paths = self.files.paths();
        paths.filter_map(|path| Some((path, self.files.text(path)?)))
    }

    fn of(files: Files) -> Result<Self, LawError> {
        let rule_sets = RuleSetsFile::read(&files)?;
        let mut lines = BTreeMap::new();
        for set in &rule_sets.rule_set {
            let sets = rule_sets.line(&set.id)?;
            let line = Line {
                sets,
                layer: OnceLock::new(),
                awards: OnceLock::new(),
                digest: OnceLock::new(),
            };
            lines.insert(set.id.clone(), line);
        }
        Ok(Self {
            files,
            rule_sets,
            lines,
            councils: Table::new(|files| files.table("councils.toml")),
            limits: Table::new(|files| files.table("limits.toml")),
            money: Table::new(|files| files.table("money.toml")),
            documents: Table::new(|files| files.table("documents.toml")),
            contribution: Table::new(|files| files.table("contribution.toml")),
            calendar: Table::new(calendar),
            local: Table::new(|files| files.one("local-award.toml")),
            prepared: OnceLock::new(),
        })
    }

    /// Reads every file, so that nothing malformed waits to be found later.
    pub(crate) fn verify(&self) -> Result<(), LawError> {
        let files = &self.files;
        for (set, line) in &self.lines {
            let layer = files.one(&format!("{set}/awards.toml"))?;
            line.layer.get_or_init(|| layer);
        }
        self.councils.force(files)?;
        self.limits.force(files)?;
        self.money.force(files)?;
        self.documents.force(files)?;
        self.contribution.force(files)?;
        self.local.force(files)?;
        self.calendar.force(files)
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
            return Some(&self.local.get(&self.files).award);
        }
        let awards = self.resolved(rule_set)?;
        awards.by_code.get(code).map(|index| &awards.all[*index])
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
            let later = self.own_awards().find(|award| award.code == code)?;
            self.award_in(later.renamed_from.as_deref()?, rule_set)
        })
    }

    /// The awards that a rule set gives; empty for an unknown one.
    pub fn awards(&self, rule_set: &str) -> Vec<&AwardRule> {
        let all = self.resolved(rule_set).map_or(&[][..], |awards| &awards.all);
        all.iter().filter(|award| award.ended.is_none()).collect()
    }

    /// Every award, as the rule set has it that brought it in.
    pub(crate) fn own_awards(&self) -> impl Iterator<Item = &AwardRule> {
        self.lines.keys().flat_map(|set| &self.layer(set).award)
    }

    /// Whether the catalogue has this award, under any rule set. A local award is known by its form.
    pub fn knows_award(&self, code: &str) -> bool {
        let local = code
            .split_once('/')
            .is_some_and(|(agency, name)| !agency.is_empty() && !name.is_empty());
        local || !code.contains('/') && self.prepared().knows(code)
    }

    /// One code for an award and its earlier name.
    pub fn same_award(&self, one: &str, other: &str) -> bool {
        let prepared = self.prepared();
        prepared.named(one).is(&prepared.named(other))
    }

    /// What checks share.
    pub(crate) fn prepared(&self) -> &Prepared {
        self.prepared.get_or_init(|| Prepared::of(self))
    }

    /// Changes that are known of but not switched on under this rule set.
    pub fn pending(&self, rule_set: &str) -> &[Pending] {
        self.lines.get(rule_set).map_or(&[], |_| &self.layer(rule_set).pending)
    }

    /// The calendar of working days.
    pub fn calendar(&self) -> &Calendar {
        self.calendar.get(&self.files)
    }

    /// The canonical data of a rule set, as JSON: its files and those of what it inherits. [`Law::from_bundle`] reads
    /// it. `None` for an unknown one.
    pub fn bundle(&self, rule_set: &str) -> Option<String> {
        let sets: Vec<&str> = self
            .lines
            .get(rule_set)?
            .sets
            .iter()
            .map(|(id, _)| id.as_str())
            .collect();
        let bundle = self.files.bundle(&sets);
        Some(bundle.expect("the data of the law is well formed"))
    }

    /// SHA-256, in hex, of the [bundle](Law::bundle) of a rule set. Empty for an unknown one.
    pub fn digest(&self, rule_set: &str) -> &str {
        let Some(line) = self.lines.get(rule_set) else {
            return "";
        };
        line.digest.get_or_init(|| {
            let bundle = self.bundle(rule_set).unwrap_or_default();
            hex::encode(Sha256::digest(bundle))
        })
    }

    /// The files that the law is written in.
    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    /// What a rule set's own file of awards says.
    pub(crate) fn layer(&self, rule_set: &str) -> &LayerFile {
        static NOTHING: LazyLock<LayerFile> = LazyLock::new(LayerFile::default);
        let Some(line) = self.lines.get(rule_set) else {
            return &NOTHING;
        };
        line.layer.get_or_init(|| {
            let read = self.files.one(&format!("{rule_set}/awards.toml"));
            read.expect("the data of the law is well formed")
        })
    }

    fn resolved(&self, rule_set: &str) -> Option<&Awards> {
        let line = self.lines.get(rule_set)?;
        Some(line.awards.get_or_init(|| {
            let base = line.sets.get(1).and_then(|(base, _)| self.resolved(base));
            let borrowed = self.rule_set(rule_set).is_some_and(|set| set.borrowed);
            let base = base.map_or(&[][..], |awards| &awards.all);
            let all = resolve(base, self.layer(rule_set), borrowed);
            let by_code = all
                .iter()
                .enumerate()
                .map(|(i, award)| (award.code.clone(), i))
                .collect();
            Awards { all, by_code }
        }))
    }

    /// The set itself, then what it inherits from, nearest first; each with whether it is only borrowed: then its
    /// articles are not shown.
    pub(crate) fn line(&self, rule_set: &str) -> &[(String, bool)] {
        self.lines.get(rule_set).map_or(&[], |line| &line.sets)
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

    pub(crate) fn rule_sets_file(&self) -> &RuleSetsFile {
        &self.rule_sets
    }

    pub(crate) fn councils(&self) -> &CouncilsFile {
        self.councils.get(&self.files)
    }

    pub(crate) fn limits(&self) -> &LimitsFile {
        self.limits.get(&self.files)
    }

    pub(crate) fn money(&self) -> &MoneyFile {
        self.money.get(&self.files)
    }

    pub(crate) fn documents(&self) -> &DocumentsFile {
        self.documents.get(&self.files)
    }

    pub(crate) fn contribution(&self) -> &ContributionFile {
        self.contribution.get(&self.files)
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
