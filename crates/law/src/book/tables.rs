//! The tables of the law with all that people read in them: names, notes and instruments that no verdict asks for.

use serde::Deserialize;
use time::Date;

use crate::{DayUnit, Law, Level, LimitStep, law::Entry};

/// What the pages read beside what the engine answers.
#[derive(Debug)]
pub(super) struct Tables {
    pub papers: Papers,
    pub limits: Limits,
    pub state_councils: Councils,
    pub money: Money,
    pub contribution: Contribution,
}

impl Tables {
    pub fn of(law: &Law) -> Self {
        let files = law.files();
        let read = "the data of the law is well formed";
        Self {
            papers: files.table("documents.toml").expect(read),
            limits: files.table("limits.toml").expect(read),
            state_councils: files.table("councils.toml").expect(read),
            money: files.table("money.toml").expect(read),
            contribution: files.table("contribution.toml").expect(read),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Papers {
    #[serde(default)]
    pub document: Vec<PaperKind>,
    #[serde(default)]
    pub dossier: Vec<PaperList>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PaperKind {
    pub code: String,
    pub name_vi: String,
    pub name_en: String,
    pub due: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct PaperList {
    rule_set: String,
    awards: Vec<String>,
    pub article: Option<String>,
    pub items: Vec<PaperItem>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PaperItem {
    pub kind: String,
    pub when: Option<String>,
    pub article: Option<String>,
    pub confirmed: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Limits {
    #[serde(default)]
    pub limit: Vec<LimitRow>,
}

#[derive(Debug, Deserialize)]
pub(super) struct LimitRow {
    pub rule_set: String,
    pub step: LimitStep,
    pub level: Option<Level>,
    #[serde(default)]
    pub awards: Vec<String>,
    pub days: u32,
    pub unit: DayUnit,
    pub article: Option<String>,
    pub confirmed: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Councils {
    #[serde(default)]
    pub state_council: Vec<StateCouncil>,
}

#[derive(Debug, Deserialize)]
pub(super) struct StateCouncil {
    rule_set: String,
    awards: Vec<String>,
    pub quorum: [u32; 2],
    pub article: Option<String>,
    pub confirmed: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Money {
    #[serde(default)]
    pub base_salary: Vec<BaseSalary>,
}

#[derive(Debug, Deserialize)]
pub(super) struct BaseSalary {
    pub from: Date,
    pub to: Option<Date>,
    pub vnd: i64,
    #[serde(default)]
    pub instrument: Option<String>,
    #[serde(default)]
    pub confirmed: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Contribution {
    #[serde(default)]
    pub post: Vec<PostName>,
    #[serde(default)]
    pub row: Vec<PostRow>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PostName {
    pub id: String,
    pub name_vi: String,
    pub rank: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PostRow {
    pub rule_set: String,
    pub award: Vec<String>,
    pub posts: Vec<String>,
    pub min_years: u32,
    pub to_years: u32,
    pub upper: String,
    pub period: String,
    pub by_machine: bool,
    pub article: Option<String>,
    #[serde(default)]
    pub confirmed: bool,
}

macro_rules! entry {
    ($($table:ty: $awards:ident),*) => {$(
        impl Entry for $table {
            fn rule_set(&self) -> &str {
                &self.rule_set
            }

            fn awards(&self) -> &[String] {
                &self.$awards
            }
        }
    )*};
}
entry!(PaperList: awards, StateCouncil: awards, PostRow: award);
