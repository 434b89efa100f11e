//! Who existed when, under whom, and who acts for an agency that is gone.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use serde::{Deserialize, Serialize};
use time::Date;

use crate::{AwardRule, DayException, Level, LocalAward, local::Resolved};

/// An agency, with the days between which it exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agency {
    /// The stable code, e.g. `tinh-hung-yen`.
    pub code: String,
    /// The full name in Vietnamese.
    pub name: String,
    /// Where it stands in the administration.
    pub level: Level,
    /// What it is, e.g. `province`, `ministry`, `authority`; empty where the directory does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The agency above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The head of another line that it also stands under, e.g. the ministry of a body that is also a province's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_parent: Option<String>,
    /// The first day on which it exists; none: always did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The first day on which it no longer exists; none: it still does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// Who acts in its place from `to` on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
    /// What else is worth knowing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Agency {
    /// Whether it exists on that day.
    pub fn exists_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }

    /// Whether it is a commune, ward, township or special zone: told by its kind, or by its code where none is given.
    pub fn is_commune(&self) -> bool {
        const PREFIXES: [&str; 4] = ["xa-", "phuong-", "thi-tran-", "dac-khu-"];
        self.level == Level::Unit
            && (self.kind == "commune" || self.kind.is_empty() && PREFIXES.iter().any(|p| self.code.starts_with(p)))
    }
}

/// A set of agencies, asked by date, with what they lay down themselves: awards of their own, and days on which they do
/// otherwise than the calendar says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agencies {
    by_code: BTreeMap<String, Agency>,
    local_awards: BTreeMap<String, Arc<Resolved>>,
    days: BTreeMap<String, BTreeMap<Date, DayException>>,
}

/// Where the days for all agencies stand: no agency has an empty code.
const EVERYONE: &str = "";

#[derive(Deserialize)]
struct AgencyFile {
    agency: Vec<Agency>,
}

impl Agencies {
    /// The reference set that is compiled in; it is read once.
    pub fn embedded() -> Self {
        static EMBEDDED: LazyLock<Agencies> = LazyLock::new(|| {
            let file: AgencyFile =
                toml::from_str(include_str!("../data/agencies.toml")).expect("agencies.toml is read by a test");
            Agencies::from_list(file.agency)
        });
        EMBEDDED.clone()
    }

    /// The set of these agencies; of two with one code the later one counts.
    pub fn from_list(list: Vec<Agency>) -> Self {
        Self {
            by_code: list.into_iter().map(|agency| (agency.code.clone(), agency)).collect(),
            ..Self::default()
        }
    }

    /// Adds an agency, or puts it in the place of the one with its code.
    pub fn insert(&mut self, agency: Agency) {
        self.by_code.insert(agency.code.clone(), agency);
    }

    /// The agency of this code, whether or not it still exists.
    pub fn get(&self, code: &str) -> Option<&Agency> {
        self.by_code.get(code)
    }

    /// Whether there is such an agency on that day.
    pub fn exists_on(&self, code: &str, day: Date) -> bool {
        self.get(code).is_some_and(|agency| agency.exists_on(day))
    }

    /// The agency itself where it exists on that day, else the successor that acts for it. `None` for an unknown
    /// code, an agency that does not exist yet, or one that ended without a successor.
    pub fn acting_on(&self, code: &str, day: Date) -> Option<&Agency> {
        let mut agency = self.get(code)?;
        // A chain of successors is never longer than the set, so a circle ends here.
        for _ in 0..=self.by_code.len() {
            if agency.exists_on(day) {
                return Some(agency);
            }
            if agency.to.is_none_or(|to| day < to) {
                return None;
            }
            agency = self.get(agency.successor.as_deref()?)?;
        }
        None
    }

    /// The agency that acts on that day, followed by those above it, nearest first.
    pub fn chain_on(&self, code: &str, day: Date) -> Vec<&Agency> {
        let mut chain: Vec<&Agency> = Vec::new();
        let mut next = self.acting_on(code, day);
        while let Some(agency) = next {
            if chain.iter().any(|seen| seen.code == agency.code) {
                break;
            }
            chain.push(agency);
            next = agency.parent.as_deref().and_then(|parent| self.acting_on(parent, day));
        }
        chain
    }

    /// Adds an award that an agency gives on its own, or puts it in the place of the one with its code.
    pub fn insert_local_award(&mut self, award: LocalAward) {
        self.local_awards
            .insert(award.code.clone(), Arc::new(Resolved::of(award)));
    }

    /// The local award of this code as it stood on that day, in the shape in which the law has its own awards; with
    /// [`AwardRule::ended`] from the day on which it is no longer given. `None` where its agency had not defined it by then.
    pub fn local_award(&self, code: &str, on: Date) -> Option<&AwardRule> {
        self.local_awards.get(code)?.on(on)
    }

    /// The local awards as they were defined, by code.
    pub fn local_awards(&self) -> impl Iterator<Item = &LocalAward> {
        self.local_awards.values().map(|resolved| &resolved.award)
    }

    /// Adds a day on which an agency, or all, do otherwise than the calendar says, or puts it in the place of the one
    /// of the same agency and day.
    pub fn insert_day(&mut self, day: DayException) {
        let of = day.agency.clone().unwrap_or_else(|| EVERYONE.to_owned());
        self.days.entry(of).or_default().insert(day.day, day);
    }

    /// Takes such a day back; `None` for what holds for all agencies. Whether there was one.
    pub fn remove_day(&mut self, agency: Option<&str>, day: Date) -> bool {
        let days = self.days.get_mut(agency.unwrap_or(EVERYONE));
        days.is_some_and(|days| days.remove(&day).is_some())
    }

    /// The days on which this agency does otherwise than the calendar says: its own, and those of all agencies on which
    /// it has none of its own. In no particular order.
    pub fn days(&self, agency: &str) -> impl Iterator<Item = &DayException> {
        let own = self.days.get(agency).filter(|_| agency != EVERYONE);
        let shared = self.days.get(EVERYONE).into_iter().flatten();
        let shared = shared.filter(move |(day, _)| own.is_none_or(|own| !own.contains_key(day)));
        own.into_iter().flatten().chain(shared).map(|(_, day)| day)
    }

    /// All agencies, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Agency> {
        self.by_code.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_code.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_code.is_empty()
    }
}
